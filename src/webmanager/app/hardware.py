"""The hardware file: which port of the device is what on this host."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.engine.dips import DipSwitches, EmulatedDips, FixedDips
from webmanager.engine.notify_ports import Output
from webmanager.engine.ports import StateKeeper
from webmanager.language.spoken import marked
from webmanager.outputs.dip import FileDips
from webmanager.settings.file import read_model
from webmanager.settings.section import Section

BAUDS = (9600, 19200, 38400, 57600, 115200)


class BatteryPort(Section):
    """COM3, the battery bus."""

    port: str = Field(description="Serial port, e.g. /dev/ttyUSB0 or a stable name under /dev/serial/by-id.")
    baud: Literal[9600, 19200, 38400, 57600, 115200] = Field(38400, description="Speed of the bus, bits a second.")
    gap_bits: int = Field(10, ge=3, le=255, description="Pause between two answers of a train, bit times.")


class ModbusPort(Section):
    """A serial port on which this device answers Modbus, RTU or ASCII, beside the network."""

    port: str = Field(description="Serial port, e.g. /dev/ttyUSB1 or a stable name under /dev/serial/by-id.")
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400] = Field(19200, description="Speed, bits a second.")
    format: Literal["8E1", "8N1", "8N2", "8E2", "8O1", "7N2", "7E1", "7O1"] = Field(
        "8E1", description="Data bits, parity, stop bits; with seven data bits it speaks Modbus ASCII."
    )


class Lan(Section):
    """Where the network services listen."""

    bind: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all networks.")
    http_port: int = Field(80, ge=1, le=65535, description="Port of the web interface.")
    modbus_port: int = Field(502, ge=0, le=65535, description="Port of MODBUS TCP; 0 = off.")
    snmp_port: int = Field(161, ge=0, le=65535, description="Port of the SNMP agent, UDP; 0 = off.")


class Outputs(Section):
    """Kernel files that switch something: `/sys/class/gpio/gpio17/value`, `/sys/class/leds/relay1/brightness`."""

    relay1: Path | None = None
    relay2: Path | None = None
    relay3: Path | None = None
    relay4: Path | None = None
    alarm_relay: Path | None = Field(None, description="Normally closed towards the alarm: open without power.")
    buzzer: Path | None = None

    def files(self) -> dict[Output, Path]:
        """Those that are there, by what they switch."""
        given = {output: getattr(self, output.value) for output in Output}
        return {output: path for output, path in given.items() if path is not None}


class DipSection(Section):
    """The DIP switches: both `on` or `off`, or both a kernel file; where none is given, the front panel has them."""

    switch1: Literal["on", "off"] | Path | None = None
    switch2: Literal["on", "off"] | Path | None = None
    fallback: str = Field(
        "127.0.0.1", description="Where configuration mode listens on a host that has not the address 10.10.10.10."
    )

    @model_validator(mode="after")
    def _are_two_of_a_kind(self) -> "DipSection":
        kinds = {type(self.switch1), type(self.switch2)}
        if len(kinds) > 1:
            raise ValueError("switch1 and switch2 are both on or off, both a file, or both left out")
        return self

    def switches(self, keeper: StateKeeper) -> DipSwitches:
        """Where their positions come from."""
        if isinstance(self.switch1, Path) and isinstance(self.switch2, Path):
            return FileDips(self.switch1, self.switch2)
        if self.switch1 is None:
            return EmulatedDips(keeper)
        return FixedDips(
            Dips(self.switch1 == "on", self.switch2 == "on"), marked("the hardware file gives their positions")
        )


class Flash(Section):
    """Where data are kept."""

    data: Path = Field(Path("/var/lib/webmanager"), description="Directory for settings, flash image and kept state.")


class Simulation(Section):
    """Only with a simulated room: where its control interface is."""

    control: str = Field(description="unix:PATH or HOST:PORT of the room's control interface.")


class Update(Section):
    """Who may sign new firmware: not in the settings, so that nobody can change it over the network."""

    public_key: str = Field("", max_length=64, description="Ed25519 key, base64; empty = no package is accepted.")


class Hardware(Section):
    """All of `hardware.toml`."""

    com3: BatteryPort
    modbus_rtu: ModbusPort | None = None
    lan: Lan = Lan()
    flash: Flash = Flash()
    outputs: Outputs = Outputs()
    dip: DipSection = DipSection()
    update: Update = Update()
    room: Simulation | None = None


def read_hardware(path: Path) -> Hardware:
    """The hardware file; ConfigError names file, table, key and what is allowed."""
    hardware = read_model(path, Hardware)
    if hardware.room and not hardware.room.control.startswith("unix:") and ":" not in hardware.room.control:
        raise ConfigError(f"{path.name}: [room] control: unix:PATH or HOST:PORT is expected")
    return hardware
