"""Pages of `docs/` that are made from tables; `python -m webmanager.app.generated_docs` writes them anew.

With `--check` nothing is written, and the exit code is 1 if a page is stale. A test checks the same.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntFlag
from pathlib import Path
from types import MappingProxyType

from webmanager.app.settings_docs import settings_page
from webmanager.domain.events import Severity
from webmanager.domain.flags import AlarmFlag, BatteryFlag, GeneralFlag, ModuleFlag
from webmanager.domain.grouping import EXPLAINS
from webmanager.domain.limits import ROWS, LimitRow
from webmanager.domain.limits import Scope as LimitScope
from webmanager.domain.picture import EXPIRED_PERIODS, EXPIRED_S
from webmanager.domain.points import POINTS, Point, Scope
from webmanager.modbus.pdu import MOST_REGISTERS
from webmanager.modbus.registers import map_rows
from webmanager.modbus.server import TcpOptions
from webmanager.snmp.mib_text import FILE as MIB_FILE
from webmanager.snmp.mib_text import mib_text

MARK = "<!-- Made from {source} by `python -m webmanager.app.generated_docs`: edit the table, not this page. -->"


def points_page() -> str:
    """`docs/points.md`: every published point."""
    parts = [
        MARK.format(source="src/webmanager/domain/points.py"),
        "# Published points",
        "Every value this device publishes, once, under the name all interfaces use. Modbus, SNMP, MQTT, metrics and "
        "the JSON interface are built from this table. A name never changes and is never used again for something "
        "else. *Resolution* is the smallest step that means something, in the unit of the point. Unknown is no "
        "value, never 0.",
        "A value that was *measured* comes from a scan: it keeps its quality (good, stale) and loses its value when "
        f"its module is silent or implausible, or when no scan has come for {_EXPIRY}. "
        "The others are settings, counters and the state of the device itself, which hold.",
    ]
    for title, belongs in _CHAPTERS.items():
        rows = [_point_row(point) for point in POINTS.values() if belongs(point)]
        parts += [f"## {title}", _table(("name", "unit", "resolution", "measured", "meaning"), rows)]
    parts.append("## Status words")
    parts += _flag_tables((point for point in POINTS.values() if point.flags), lambda point: f"`{point.name}`")
    return _page(parts)


def modbus_page() -> str:
    """`docs/modbus-map.md`: the register map."""
    rows = [
        (row.addresses, row.name, f"`{row.point}`" if row.point else "", row.type, row.scale, row.no_value, row.origin)
        for row in map_rows()
    ]
    parts = [
        MARK.format(source="src/webmanager/modbus/registers.py"),
        "# Modbus register map",
        _MODBUS_RULES,
        "## Registers (functions 3 and 4)",
        "n is the number of the string, or the address of the module: the n-th register of a column belongs to the "
        "module with address n. *Point* is the name in the [catalogue of points](points.md), which says what it means.",
        _table(("address", "name", "point", "type", "scale", "no value", "origin"), rows),
        "## Flags",
    ]
    for title, flags in _FLAG_REGISTERS.items():
        parts += [f"### {title}", _flag_table(flags)]
    parts += [_BITS, "## Coils (functions 1, 2 and 5)", _COILS]
    return _page(parts)


def limits_page() -> str:
    """`docs/limits.md`: every kind of alarm."""
    parts = [MARK.format(source="src/webmanager/domain/limits.py"), "# Limits and alarms", _LIMIT_RULES]
    for title, scope in _LIMIT_CHAPTERS.items():
        rows = [_limit_row(row) for row in ROWS.values() if row.scope is scope]
        headings = ("kind", "what it says", "notice", "warning", "alarm", "gap", "hold", "unit")
        parts += [f"## {title}", _table(headings, rows)]
    advice = [(f"`{row.kind}`", row.advice) for row in ROWS.values()]
    causes = [(f"`{cause}`", ", ".join(f"`{one}`" for one in symptoms)) for cause, symptoms in EXPLAINS.items()]
    parts += ["## What to do", _table(("kind", "advice"), advice)]
    parts += ["## Which cause explains which symptom", _CAUSES, _table(("cause", "symptoms"), causes)]
    return _page(parts)


PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "points.md": points_page,
        "modbus-map.md": modbus_page,
        "limits.md": limits_page,
        "settings.md": settings_page,
        f"mib/{MIB_FILE}": mib_text,
    }
)
"""Generated pages by their name in `docs/`."""


def stale_pages(docs: Path) -> list[str]:
    """Names of the pages in the directory `docs` that are missing or no longer say what the tables say."""
    return [name for name, make in PAGES.items() if _text_of(docs / name) != make()]


def write_pages(docs: Path) -> list[str]:
    """Writes the stale pages and returns their names."""
    stale = stale_pages(docs)
    for name in stale:
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text(PAGES[name](), encoding="utf-8")
    return stale


def main(arguments: Sequence[str]) -> int:
    """Command line: `[--check] [DIRECTORY]`, `docs` unless told otherwise; exit code 0, 1 stale, 2 wrong usage."""
    check = "--check" in arguments
    names = [argument for argument in arguments if argument != "--check"]
    docs = Path(names[0]) if names else Path("docs")
    if len(names) > 1 or not docs.is_dir():
        print(f"usage: generated_docs [--check] [DIRECTORY]; {docs} must be a directory", file=sys.stderr)
        return 2
    stale = stale_pages(docs) if check else write_pages(docs)
    for name in stale:
        print(f"{docs / name}: {'stale' if check else 'written'}")
    return 1 if check and stale else 0


_COM_PORTS = ("ups.", "aux.", "sensor.")
_CHAPTERS: Mapping[str, Callable[[Point], bool]] = {
    "The device: one value": lambda point: point.scope is Scope.DEVICE and not point.name.startswith(_COM_PORTS),
    "Strings: one value each": lambda point: point.scope is Scope.STRING,
    "Modules: one value each": lambda point: point.scope is Scope.MODULE,
    "COM1 and COM2: no value in this version": lambda point: point.name.startswith(_COM_PORTS),
}

_FLAG_REGISTERS = {
    "1000: general status (public); 0 = internal communication interrupted": GeneralFlag,
    "1001: batteries (ours)": BatteryFlag,
    "1002: alarms (ours)": AlarmFlag,
    "3200-3455: state of a module (ours)": ModuleFlag,
}

_OPTIONS = TcpOptions()
_EXPIRY = f"{EXPIRED_S:g} s ({EXPIRED_PERIODS:g} scan periods if that is longer)"
_MODBUS_RULES = f"""\
Addresses are 0-based. Registers have 16 bits, high byte first; 32-bit values have the high word first. Functions 3 and
4 are the same. Rows marked *public* are those of the published templates for this family of devices and never move;
the scales of 1010-1058 and the bits of 1001 and 1002 are not published anywhere and are ours, as are the rows marked
*ours*.

- **No value** is 0xFFFF in unsigned and 0x8000 in signed registers: unknown, silent, not installed, or more than the
  register can hold. It is never a number that looks like a measurement. Flag words of an installed module always have
  a value. 97-150, 1000-1059 and every column can be read throughout.
- **Old data never looks new.** Values of a module vanish when it is silent (three missed scans). If the scans
  themselves stop, everything measured vanishes after {_EXPIRY},
  the state shows *stale* and then *silent*, and 1000 becomes 0. The age column keeps counting, up to 65534 s.
- **One picture.** An answer comes from one scan. Who needs several requests from the same scan compares register 4100
  before and after.
- **Unit id**: the configured one (1), on TCP also 0 and 255. Any other gets exception 11; on a serial line silence.
- **Exceptions**: 1 for a function that is not there (5 unless writing is on), 2 for an unassigned address, 3 for a
  count outside 1-{MOST_REGISTERS} or a request of the wrong length, 4 if the device itself fails or a relay does not
  follow, 11 for another unit.
- **Connections**: several requests may be sent at once and are answered in order. At most
  {_OPTIONS.most_connections} clients; one that asks nothing for {_OPTIONS.idle_s:g} s is closed, and when all places
  are taken a new client gets the place of the one idle longest. What is no Modbus frame ends the connection.
- The same registers are on TCP, inside TLS and on a serial line: [modbus.md](modbus.md).
- The same map is a sheet: `/api/v1/modbus-map.csv`, one line a register."""

_LIMIT_CHAPTERS: Mapping[str, LimitScope] = {
    "Batteries and their modules": LimitScope.BATTERY,
    "Strings": LimitScope.STRING,
    "The device": LimitScope.DEVICE,
}
_LIMIT_RULES = """\
Voltages stand per cell, so that one table serves blocks of 2, 4, 6 and 12 V; currents in mA/Ah or A/Ah of C10. An
installation changes what it wants otherwise in the section `limits` of its settings, at any time, also while an alarm
is open:

```toml
[limits.kinds.voltage_high]
warning = 2.33
hold = 30

[limits.kinds.ri_rise]
off = ["notice"]
```

- A tier is raised when its value has been beyond it for the **hold** (seconds, or a number of readings), and cleared
  when it has come back by the **gap** and stayed there for as long. The warning must lie inside the alarm.
- **No data never clears and never raises**: an alarm of a module that falls silent stays, and the time without data
  counts for no hold.
- **One alarm a cause**: whatever is wrong with one battery is one alarm, which worsens when something graver or urgent
  joins. What most batteries of a string share is an alarm of the string, or of the charger if all strings share it; a
  battery counts for itself when it stands apart from its string's median by 50 mV per cell or 5 K.
- Voltages are compared with the string on float only, from one hour after float began. After a discharge the limits of
  charging hold until the voltage is back at float, for 24 h at most. Internal resistance is not judged for 24 h after
  a discharge of more than 2 % of C10; it is compared at 25 °C with the mean of the battery's first five readings.
- Kinds marked with \u2020 take their thresholds from the kind they follow. Thresholds left empty are off until an
  installation sets them."""
_CAUSES = """\
While a cause is pending, open or clearing, its symptoms are not raised on their own; the alarm of the cause lists the
batteries it stands for. When the cause is gone, what is still wrong begins its own hold."""
_BITS = """\
Bits of judgements come from the open alarms: of warning and alarm the graver alone is set, and it stays while its
module is silent. A notice sets no bit of 3200-3455. 4103 and 4104 count open alarms, and those nobody has acknowledged
or shelved."""
_COILS = """\
Coils and discrete inputs 0-3 are relays 1-4. A relay this host does not have is an unassigned address (exception 2),
never off. Writing (function 5, 0xFF00 on, 0x0000 off) needs `writes = true` in the section `modbus` of the settings,
and is exception 1 otherwise; each change goes to the event log."""


def _point_row(point: Point) -> tuple[str, ...]:
    words = ", ".join(f"{number} {word}" for number, word in enumerate(point.codes))
    meaning = f"{point.help} {words[:1].upper()}{words[1:]}." if words else point.help
    resolution = "" if point.flags or point.codes else f"{point.resolution:g}"
    return f"`{point.name}`", point.unit, resolution, "yes" if point.measured else "", meaning


def _limit_row(row: LimitRow) -> tuple[str, ...]:
    pattern = ROWS[row.like] if row.like else row
    tiers = pattern.tiers()
    values = [f"{tiers[severity]:g}" if severity in tiers and not row.is_yes_or_no else "" for severity in Severity]
    if row.is_yes_or_no:
        values = ["yes" if severity in tiers else "" for severity in Severity]
    hold = f"{pattern.hold:g} {pattern.hold_unit}"
    unit = f"{row.unit}/{row.per}" if row.per else row.unit
    mark = f" \u2020 {row.like}" if row.like else ""
    side = "" if row.is_yes_or_no else " (over)" if row.is_high else " (under)"
    return f"`{row.kind}`{mark}", row.label + side, *values, "" if row.is_yes_or_no else f"{pattern.gap:g}", hold, unit


def _flag_tables(points: Iterable[Point], title: Callable[[Point], str]) -> Iterable[str]:
    for point in points:
        if point.flags:
            yield f"### {title(point)}"
            yield _flag_table(point.flags)


def _flag_table(flags: type[IntFlag]) -> str:
    rows = [(f"{flag.value.bit_length() - 1}", f"0x{flag.value:04X}", str(flag.name)) for flag in flags]
    return _table(("bit", "value", "meaning"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
