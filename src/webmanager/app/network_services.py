"""What Modbus and SNMP of a device are made of; the device does not depend on either."""

import logging

from webmanager.app.alarm_service import AlarmService
from webmanager.app.plan import DevicePlan
from webmanager.app.snmp_service import SnmpService
from webmanager.domain.errors import ConfigError
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.registers import map_csv, map_rows
from webmanager.settings.modbus_model import ModbusSettings
from webmanager.settings.model import Settings
from webmanager.web.register_page import RegisterMap

log = logging.getLogger(__name__)


async def start_snmp(plan: DevicePlan, settings: Settings, service: SnmpService) -> SnmpService | None:
    """Lets the SNMP agent answer, if it is wanted and its port is free: the device does not depend on it."""
    if plan.snmp_port is None or not settings.snmp.enabled:
        return None
    try:
        await service.open(plan.bind, plan.snmp_port)
    except ConfigError as error:
        log.error("The device runs without SNMP: %s", error)
        return None
    return service


def modbus_device(
    plan: DevicePlan, settings: ModbusSettings, board: Board, clock: Clock, alarms: AlarmService
) -> ModbusDevice:
    """What all Modbus servers of this device answer from."""
    coils = RelayCoils(plan.outputs, writes=settings.writes, told=lambda text: alarms.note("relay_switched", text))
    return ModbusDevice(LiveImage(board, clock, lambda: alarms.desk.picture, coils.switched), settings.unit, coils)


def register_map(plan: DevicePlan, settings: ModbusSettings) -> RegisterMap | None:
    """The register map for the web, which knows nothing of Modbus."""
    if plan.modbus_port is None or not settings.enabled:
        return None
    rows = [(row.addresses, row.name, row.meaning, row.type, row.scale, row.no_value, row.origin) for row in map_rows()]
    headings = ("Address", "Name", "Meaning", "Type", "Scale", "No value", "Origin")
    return RegisterMap(f"{plan.bind} port {plan.modbus_port}", settings.unit, headings, rows, map_csv())
