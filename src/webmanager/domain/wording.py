"""What is raised, in words: what, value, limit, where; then what to do. One sentence each, no codes.

Cause before symptom, and how sure it is: likely, check. Numbers have fixed decimals and a unit.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np

from webmanager.domain.alarms import Found
from webmanager.domain.events import DEVICE, Source
from webmanager.domain.installation import Installation
from webmanager.domain.judge import Judge, Standing
from webmanager.domain.layout import SlotKey
from webmanager.domain.limits import PER_AH, PER_CELL, LimitRow, Quantity, Scope
from webmanager.domain.measures import Knowledge
from webmanager.domain.observation import DOWN
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import StringState

MOST_NAMED = 4
RISEN_PERCENT = 15.0
"""A rise of Ri that means something beside another symptom."""
SHORTED_SHARE = 0.75
"""A battery this much of a whole cell's voltage below its string has likely a shorted cell."""

Detail = Callable[[Knowledge, Judge, list[Standing]], str]


def found_in(judge: Judge, slot: SlotKey) -> Found | None:
    """What a slot shows now; None if nothing is raised in it."""
    standings, known = judge.standings(slot), judge.known
    if not standings or known is None:
        return None
    first = standings[0]
    alike = [standing for standing in standings if standing.row.kind == first.row.kind]
    row, limit = first.row, first.limit
    worst = max(alike, key=lambda standing: standing.value if row.is_high else -standing.value)
    scale = scale_of(row, judge.installation)
    value = None if row.is_yes_or_no or np.isnan(worst.value) else worst.value * scale
    words = {
        "where": _where(judge.installation, alike),
        "value": shown(value, row),
        "limit": shown(limit.raise_at * scale, row),
        "detail": DETAILS.get(row.kind, _reported)(known, judge, alike),
    }
    since_at = min(standing.since_at for standing in standings)
    kinds = tuple(dict.fromkeys(standing.row.kind for standing in standings))
    text = row.text.format_map(words)
    return Found(
        kind=row.kind,
        severity=max(standing.limit.severity for standing in standings),
        source=source_of(judge.installation, row, alike),
        where=words["where"],
        text=f"{text[0].upper()}{text[1:-1]}, since {moment(since_at)}.",
        advice=_advice(known, row, alike[0], kinds),
        value=None if value is None else round(value, 4),
        limit=None if row.is_yes_or_no else round(limit.raise_at * scale, 4),
        unit="" if row.is_yes_or_no else row.unit,
        since_at=since_at,
        affected=affected_by(judge, alike),
        kinds=kinds,
        urgent=tuple(dict.fromkeys(standing.row.kind for standing in standings if standing.row.urgent)),
        string_state=_string_state(known, row, first.place),
    )


def source_of(installation: Installation, row: LimitRow, standings: list[Standing]) -> Source:
    """Where it is: one battery, one string, or a part of the device."""
    place = standings[0].place
    if row.scope is Scope.BATTERY:
        return Source(installation.names[place], int(installation.string_of[place]), place + 1)
    if row.scope is Scope.STRING and len(standings) == 1 and not (row.merged and installation.strings == 1):
        return Source(f"string {place + 1}", place + 1)
    return Source(row.part) if row.part else DEVICE


def affected_by(judge: Judge, standings: list[Standing]) -> tuple[int, ...]:
    """Addresses an alarm stands for: what lies behind a cable, all batteries of its strings, or its own."""
    known, row, installation = judge.known, standings[0].row, judge.installation
    places = [standing.place + 1 for standing in standings]
    if known is None or row.kind in _LISTED:
        return () if known is None else _LISTED[row.kind](known, judge, places[0])
    if row.scope is Scope.BATTERY:
        return tuple(places)
    if row.scope is Scope.STRING:
        return tuple(address for place in places for address in installation.addresses_of(place))
    return ()


def _silent(known: Knowledge, _judge: Judge, _string: int) -> tuple[int, ...]:
    return tuple(int(index) + 1 for index in np.flatnonzero(known.seen.silent))


_LISTED: Mapping[str, Callable[[Knowledge, Judge, int], tuple[int, ...]]] = MappingProxyType(
    {
        "bus_open": lambda known, judge, string: known.bus.behind(judge.installation, judge.order, string),
        "mixed_revision": lambda known, _judge, _string: tuple(sorted(known.seen.bus.odd_revisions)),
        "bus_down": _silent,
        "bus_branches_open": _silent,
        "bus_disturbed": _silent,
    }
)


def scale_of(row: LimitRow, installation: Installation) -> float:
    """What turns a value of the table (per cell, per Ah) into that of a battery."""
    return {PER_CELL: float(installation.block.cells), PER_AH: installation.block.capacity_ah}.get(row.per, 1.0)


def shown(value: float | None, row: LimitRow) -> str:
    """A figure with its unit and fixed decimals, true minus sign; `no data` for none."""
    if value is None or np.isnan(value):
        return "no data"
    figure = f"{value + 0.0:.{row.digits}f}"
    figure = figure.removeprefix("-") if float(figure) == 0.0 else figure.replace("-", "−")
    return f"{figure} {row.unit}".rstrip()


def moment(at: float) -> str:
    """A time in words, UTC; dates never in pure digits."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S UTC on %-d %b %Y}"


def listed(numbers: list[int], one: str, many: str) -> str:
    """`string 3`, `strings 2 to 8`, `strings 1, 4 and 6`."""
    if len(numbers) == 1:
        return f"{one} {numbers[0]}"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{many} {numbers[0]} to {numbers[-1]}"
    return f"{many} {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _where(installation: Installation, standings: list[Standing]) -> str:
    row = standings[0].row
    if row.scope is Scope.BATTERY:
        return installation.names[standings[0].place]
    if row.scope is Scope.DEVICE:
        return row.part
    if row.merged and len(standings) == installation.strings:
        return "the string" if installation.strings == 1 else "all strings"
    return listed([standing.place + 1 for standing in standings], "string", "strings")


def _string_state(known: Knowledge, row: LimitRow, place: int) -> str | None:
    if row.scope is Scope.DEVICE:
        return None
    string = place if row.scope is Scope.STRING else int(known.seen.installation.string_of[place]) - 1
    return StringState(int(known.seen.state[string])).word


def _advice(known: Knowledge, row: LimitRow, standing: Standing, kinds: tuple[str, ...]) -> str:
    """The advice of the row; for a battery what its other values say comes first."""
    if row.scope is not Scope.BATTERY or row.quantity not in _OF_A_BATTERY:
        return row.advice
    place = standing.place
    deviation = float(known.seen.deviation_percent[place])
    cells = known.seen.installation.block.cells
    rise = float(known.baseline.rise_percent[place])
    if cells > 1 and deviation <= -SHORTED_SHARE * 100.0 / cells:
        count = max(round(-deviation / 100.0 * cells), 1)
        cell = "a shorted cell" if count == 1 else f"{count} shorted cells"
        return f"Likely {cell}: exchange this battery; do not boost-charge the string."
    if "leak_current" in kinds and rise >= RISEN_PERCENT:
        return "Likely dried out: Ri and float current have risen together; exchange this battery."
    if row.kind == "voltage_deviation" and deviation < 0 and not rise >= RISEN_PERCENT:
        return "Likely a soft short: Ri is normal; watch its temperature and exchange this battery."
    return row.advice


_OF_A_BATTERY = frozenset({Quantity.VOLTAGE, Quantity.RI, Quantity.EQUALIZING})


def _off_string(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    place = standings[0].place
    deviation = float(known.seen.deviation_percent[place])
    side = "above" if deviation > 0 else "below"
    return f"{_volts_or_none(known, place)}{standings[0].value:.1f} % {side}"


def _behind(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    place = standings[0].place
    return f"{_volts_or_none(known, place)}{standings[0].value:.1f} % below"


def _volts_or_none(known: Knowledge, place: int) -> str:
    volts = float(known.seen.voltage_v[place])
    return "" if np.isnan(volts) else f"{volts:.2f} V, "


def _warmer(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    own = float(known.seen.temperature_c[standings[0].place])
    there = "" if np.isnan(own) else f"{own:.1f} °C, "
    return f"{there}{standings[0].value:.1f} K"


def _risen(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    ri = float(known.seen.ri_mohm[standings[0].place])
    there = "" if np.isnan(ri) else f"{ri:.2f} mΩ, "
    return f"{there}{standings[0].value:.0f} %"


def _runaway(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    place = standings[0].place
    warmer, ratio = known.findings.warmer_k[place], known.findings.current_ratio[place]
    return f"{warmer:.1f} K above its string at {ratio:.1f} times its usual float current"


def _address(_known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    return str(standings[0].place + 1)


def _last_volts(known: Knowledge, judge: Judge, standings: list[Standing]) -> str:
    return f"{known.last_cell_v[standings[0].place] * judge.installation.block.cells:.2f} V"


def _average(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    volts: Floats = known.seen.average_v[[standing.place for standing in standings]]
    return "no data" if np.isnan(volts).all() else f"{np.nanmin(volts):.2f} V"


def _left_out(known: Knowledge, judge: Judge, standings: list[Standing]) -> str:
    """Names the battery that does not fit into its string, if there is one."""
    string = standings[0].place + 1
    suspect = suspect_of(known, judge.installation, string)
    return f"likely open at {judge.installation.names[suspect - 1]}" if suspect else "the other strings carry its load"


def suspect_of(known: Knowledge, installation: Installation, string: int) -> int | None:
    """Address of the battery of a string that is likely open: no plausible reading, else far from all others."""
    addresses = np.array(installation.addresses_of(string))
    seen = known.seen
    index = addresses - 1
    odd = seen.implausible[index] | seen.silent[index] | known.baseline.is_unmeasurable[index]
    if np.count_nonzero(odd) == 1:
        return int(addresses[odd.argmax()])
    volts = seen.voltage_v[index]
    if np.isnan(volts).all():
        return None
    off = np.abs(np.nan_to_num(volts - np.nanmedian(volts)))
    ordered = np.sort(off)
    stands_out = off.max() > 0.5 and (off.size < 2 or off.max() > 3.0 * ordered[-2])
    return int(addresses[off.argmax()]) if stands_out else None


def _cut(known: Knowledge, judge: Judge, standings: list[Standing]) -> str:
    string = standings[0].place + 1
    names, behind = judge.installation.names, known.bus.behind(judge.installation, judge.order, string)
    per_string = judge.installation.per_string
    silent = len(behind) or int(known.bus.missing[string - 1])
    count = f"({silent} module{'' if silent == 1 else 's'} silent)"
    if not behind:
        return f"in string {string} {count}"
    if len(behind) == per_string:
        return f"before {names[behind[0] - 1]} {count}"
    row = judge.order.reshape(judge.installation.strings, -1)[string - 1]
    return f"behind {names[int(row[per_string - len(behind) - 1])]} {count}"


def _branches(known: Knowledge, judge: Judge, _standings: list[Standing]) -> str:
    rows = known.seen.silent.reshape(judge.installation.strings, -1)
    return listed([int(index) + 1 for index in np.flatnonzero(rows.all(axis=1))] or [0], "string", "strings")


def _scattered(known: Knowledge, _judge: Judge, _standings: list[Standing]) -> str:
    return f"{int(np.count_nonzero(known.seen.silent))} of {known.seen.silent.size} modules"


def _bus_text(known: Knowledge, _judge: Judge, _standings: list[Standing]) -> str:
    bus = known.seen.bus
    return (
        bus.text.rstrip(".") if bus.state == DOWN and bus.text else f"all {known.seen.silent.size} modules are silent"
    )


def _revisions(known: Knowledge, judge: Judge, _standings: list[Standing]) -> str:
    odd = known.seen.bus.odd_revisions
    names = judge.installation.names
    named = [f"{names[address - 1]} has {odd[address]}" for address in sorted(odd) if 0 < address <= len(names)]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


def _on_battery(known: Knowledge, _judge: Judge, _standings: list[Standing]) -> str:
    seen = known.seen
    discharging = np.flatnonzero(seen.state == StringState.DISCHARGING)
    strings = [int(index) + 1 for index in discharging]
    if not strings:
        return "the discharge is over"
    amperes = -float(np.nansum(seen.current_a[discharging]))
    verb = "delivers" if len(strings) == 1 else "deliver"
    return f"{listed(strings, 'string', 'strings')} {verb} {amperes:.0f} A"


def _reported(known: Knowledge, _judge: Judge, standings: list[Standing]) -> str:
    report = known.reported.get(standings[0].row.kind)
    return report.detail.rstrip(".") if report is not None and report.detail else "no more is known"


DETAILS: Mapping[str, Detail] = MappingProxyType(
    {
        "voltage_deviation": _off_string,
        "asymmetric_discharge": _behind,
        "temperature_above": _warmer,
        "ri_rise": _risen,
        "thermal_runaway": _runaway,
        "battery_collapsed": _last_volts,
        "duplicate_address": _address,
        "charger_missing": _average,
        "string_open": _left_out,
        "bus_open": _cut,
        "bus_branches_open": _branches,
        "bus_disturbed": _scattered,
        "bus_down": _bus_text,
        "mixed_revision": _revisions,
        "on_battery": _on_battery,
    }
)
"""What stands for {detail} in the text of a kind; reported kinds bring their own."""
