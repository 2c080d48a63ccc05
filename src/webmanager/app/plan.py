"""What a device is made of on this host, and where it can be reached once it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from webmanager.app.hardware import Hardware, ModbusPort
from webmanager.engine.dips import DipSwitches, EmulatedDips
from webmanager.engine.notify_ports import OutputBoard
from webmanager.engine.ports import StateKeeper
from webmanager.outputs.board import FileOutputs, SimulatedOutputs
from webmanager.settings.network_model import NetworkSettings

STATE_DIR = "state"
MODEL = "BACS II WEBMANAGER BUDGET (open implementation)"


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """What a device is made of on this host: ports, addresses, directories; `room` only with a simulation.

    Of the network ports 0 is any free one; without `modbus_port` there is no Modbus TCP, without `snmp_port` no SNMP.
    `dips` are the DIP switches, `fallback` is where configuration mode listens on a host without 10.10.10.10.
    `update_key` verifies update packages; none are taken without it.
    `told` are dotted fields of the settings that the command line gives for as long as it runs.
    """

    data_dir: Path
    com3: str
    baud: int = 38400
    gap_bits: int = 10
    bind: str = "127.0.0.1"
    http_port: int = 8080
    modbus_port: int | None = None
    modbus_line: ModbusPort | None = None
    snmp_port: int | None = None
    room: str | None = None
    update_key: str = ""
    outputs: OutputBoard = field(default_factory=SimulatedOutputs)
    dips: Callable[[StateKeeper], DipSwitches] = EmulatedDips
    fallback: str = "127.0.0.1"
    told: Mapping[str, object] = field(default_factory=dict)

    def listening_as(self, network: NetworkSettings) -> "DevicePlan":
        """The same device where the settings want it to listen; what they leave open is as it was started."""
        return replace(
            self,
            bind=network.address or self.bind,
            http_port=network.http_port or self.http_port,
            modbus_port=network.modbus_port or self.modbus_port,
            snmp_port=network.snmp_port or self.snmp_port,
        )


@dataclass(frozen=True, slots=True)
class Served:
    """Where the services can be reached, None = not served; `login` says how, or what must be done first."""

    web: str
    modbus: str | None
    login: str
    snmp: str | None = None


def plan_of(hardware: Hardware, data_dir: Path) -> DevicePlan:
    """The device that a hardware file describes."""
    return DevicePlan(
        data_dir=data_dir,
        com3=hardware.com3.port,
        baud=hardware.com3.baud,
        gap_bits=hardware.com3.gap_bits,
        bind=hardware.lan.bind,
        http_port=hardware.lan.http_port,
        modbus_port=hardware.lan.modbus_port or None,
        modbus_line=hardware.modbus_rtu,
        snmp_port=hardware.lan.snmp_port or None,
        room=hardware.room.control if hardware.room else None,
        update_key=hardware.update.public_key,
        outputs=FileOutputs(hardware.outputs.files()),
        dips=hardware.dip.switches,
        fallback=hardware.dip.fallback,
    )
