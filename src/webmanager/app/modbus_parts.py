"""What the Modbus servers of a device answer from, and its register map for the web."""

from webmanager.app.alarm_service import AlarmService
from webmanager.app.plan import DevicePlan
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.notify_ports import OutputBoard
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.registers import map_csv, map_rows
from webmanager.settings.modbus_model import ModbusSettings
from webmanager.web.system.registers import RegisterMap


def modbus_device(
    outputs: OutputBoard, settings: ModbusSettings, board: Board, clock: Clock, alarms: AlarmService
) -> ModbusDevice:
    """What all Modbus servers of this device answer from."""
    coils = RelayCoils(outputs, writes=settings.writes, told=lambda text: alarms.note("relay_switched", text))
    return ModbusDevice(LiveImage(board, clock, lambda: alarms.desk.picture, coils.switched), settings.unit, coils)


def register_map(plan: DevicePlan, settings: ModbusSettings) -> RegisterMap | None:
    """The register map for the web, which knows nothing of Modbus."""
    if plan.modbus_port is None or not settings.enabled:
        return None
    rows = [(row.addresses, row.name, row.meaning, row.type, row.scale, row.no_value, row.origin) for row in map_rows()]
    headings = ("Address", "Name", "Meaning", "Type", "Scale", "No value", "Origin")
    return RegisterMap(f"{plan.bind} port {plan.modbus_port}", settings.unit, headings, rows, map_csv())
