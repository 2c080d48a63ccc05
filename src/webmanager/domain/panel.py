"""The front panel: LEDs, COM lamps and DIP switches as tables, and why each lamp is as it is. Pure.

The status LED and the LAN LEDs are those of the manual (`STATUS`, row by row); the alarm LED and all reasons are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import marked, ngettext


class Light(StrEnum):
    """What a lamp does. Flashing is 1 Hz; flickering is the irregular life of a line with traffic."""

    OFF = "off"
    ON = "on"
    FLASHING = "flashing"
    FLICKERING = "flickering"


class Phase(StrEnum):
    """Where the device is in its start."""

    UNPACKING = "unpacking"
    REBOOTING = "rebooting"
    OVERFLOW = "overflow"
    RUNNING = "running"


class Mode(StrEnum):
    """What the DIP switches choose at a cold boot."""

    NORMAL = "normal"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Dips:
    """The two DIP switches, True = on."""

    one: bool = True
    two: bool = False

    @property
    def mode(self) -> Mode:
        """Both off: configuration; 1 on, 2 off: normal. The manual knows no other; they count as normal."""
        return Mode.NORMAL if self.one or self.two else Mode.CONFIGURATION

    @property
    def is_described(self) -> bool:
        """The manual has this position."""
        return not self.two


@dataclass(frozen=True, slots=True)
class Line:
    """A serial port: whether anything is set up on it, whether it sends and hears, and what hangs there in words."""

    is_used: bool = False
    sends: bool = False
    hears: bool = False
    text: str = ""

    @property
    def is_lost(self) -> bool:
        """It asks and hears nothing."""
        return self.sends and not self.hears


@dataclass(frozen=True, slots=True)
class Link:
    """The network: `is_up` None where this host does not tell; `text` says which interface, how fast."""

    is_up: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """All that the lamps depend on. `bus_trouble` and `store_trouble` are empty where all is well."""

    phase: Phase = Phase.RUNNING
    mode: Mode = Mode.NORMAL
    alarms: int = 0
    unacknowledged: int = 0
    bus_trouble: str = ""
    store_trouble: str = ""
    com1: Line = Line()
    com2: Line = Line()
    com3: Line = Line()
    link: Link = Link()
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Lamp:
    """One lamp as it is now, and why."""

    key: str
    colour: str
    light: Light
    why: str


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One row of the manual's table of the status LED, and its meaning."""

    red: Light
    green: Light
    text: str


STATUS: Mapping[str, StatusRow] = {
    "unpacking": StatusRow(Light.FLASHING, Light.OFF, marked("The operating system is being unpacked.")),
    "rebooting": StatusRow(Light.ON, Light.OFF, marked("The device restarts.")),
    "overflow": StatusRow(
        Light.ON, Light.ON, marked("The device restarts, and its receive buffer overflowed: a broadcast storm.")
    ),
    "ups_lost": StatusRow(Light.ON, Light.OFF, marked("The UPS on COM1 does not answer.")),
    "configuration": StatusRow(Light.OFF, Light.FLASHING, marked("The device works, in configuration mode.")),
    "bus": StatusRow(Light.OFF, Light.FLASHING, marked("The device works, its battery bus does not: {detail}")),
    "store": StatusRow(Light.OFF, Light.FLASHING, marked("The device works, its store does not: {detail}")),
    "normal": StatusRow(Light.OFF, Light.FLASHING, marked("The device works.")),
}
"""The status LED, red and green in one; the first row that holds counts."""

LABELS: Mapping[str, str] = {
    "green": marked("Status LED, green"),
    "red": marked("Status LED, red"),
    "alarm": marked("Alarm LED"),
    "lan_link": marked("LAN, link"),
    "lan_activity": marked("LAN, activity"),
    "com1_tx": marked("COM1, sends"),
    "com1_rx": marked("COM1, hears"),
    "com2_tx": marked("COM2, sends"),
    "com2_rx": marked("COM2, hears"),
    "com3_tx": marked("COM3, sends"),
    "com3_rx": marked("COM3, hears"),
}
"""Every lamp by its key, in the order of the picture."""

LIGHTS: Mapping[Light, str] = {
    Light.OFF: marked("off"),
    Light.ON: marked("on"),
    Light.FLASHING: marked("flashing"),
    Light.FLICKERING: marked("flickering"),
}


def lamps(condition: Condition) -> tuple[Lamp, ...]:
    """Every lamp in the order of `LABELS`, its reason in the language spoken."""
    return (
        *_status(condition),
        _alarm(condition),
        *_lan(condition),
        *(lamp for port in ("com1", "com2", "com3") for lamp in _com(port, getattr(condition, port))),
    )


def mode_text(dips: Dips) -> str:
    """What a position of the switches means, in one sentence."""
    if dips.mode is Mode.CONFIGURATION:
        return _("Both off: configuration mode.")
    if dips.is_described:
        return _("1 on, 2 off: normal mode.")
    return _("The manual does not have this position: it counts as normal mode.")


def status_row(condition: Condition) -> tuple[str, str]:
    """The key of the row of `STATUS` that holds, and its detail."""
    if condition.phase is not Phase.RUNNING:
        return condition.phase.value, ""
    if condition.com1.is_lost:
        return "ups_lost", ""
    if condition.mode is Mode.CONFIGURATION:
        return "configuration", ""
    if condition.bus_trouble:
        return "bus", condition.bus_trouble
    return ("store", condition.store_trouble) if condition.store_trouble else ("normal", "")


def _status(condition: Condition) -> tuple[Lamp, Lamp]:
    key, detail = status_row(condition)
    row = STATUS[key]
    why = _(row.text).format(detail=detail)
    green = why if row.green is not Light.OFF else _("It flashes while the device works.")
    red = why if row.red is not Light.OFF else _("It shines during a restart, and when the UPS does not answer.")
    return Lamp("green", "green", row.green, green), Lamp("red", "red", row.red, red)


def _alarm(condition: Condition) -> Lamp:
    count, waiting = condition.alarms, condition.unacknowledged
    if not count:
        return Lamp("alarm", "red", Light.OFF, _("No alarm is open."))
    why = ngettext("{count} alarm is open", "{count} alarms are open", count).format(count=count)
    if not waiting:
        return Lamp("alarm", "red", Light.ON, _("{alarms}, acknowledged or shelved.").format(alarms=why))
    said = ngettext("{alarms}, {count} is not acknowledged.", "{alarms}, {count} are not acknowledged.", waiting)
    return Lamp("alarm", "red", Light.FLASHING, said.format(alarms=why, count=waiting))


def _lan(condition: Condition) -> tuple[Lamp, Lamp]:
    link = condition.link
    if link.is_up is None:
        light, why = Light.OFF, _("This host does not tell whether its network is connected.")
    elif link.is_up:
        light, why = Light.ON, _("Connected: {detail}.").format(detail=link.text)
    else:
        light, why = Light.OFF, _("Not connected: {detail}.").format(detail=link.text)
    busy = Light.FLICKERING if condition.is_asked else Light.OFF
    said = _("Somebody is asking this device.") if condition.is_asked else _("Nobody is asking this device.")
    return Lamp("lan_link", "green", light, why), Lamp("lan_activity", "yellow", busy, said)


def _com(port: str, line: Line) -> tuple[Lamp, Lamp]:
    if not line.is_used:
        why = _("Nothing is set up on this port.")
        return Lamp(f"{port}_tx", "yellow", Light.OFF, why), Lamp(f"{port}_rx", "yellow", Light.OFF, why)
    sends = Light.FLICKERING if line.sends else Light.OFF
    hears = Light.FLICKERING if line.hears else Light.OFF
    asking = _("The device asks.") if line.sends else line.text or _("The device does not ask.")
    return Lamp(f"{port}_tx", "yellow", sends, asking), Lamp(f"{port}_rx", "yellow", hears, line.text)
