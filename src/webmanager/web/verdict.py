"""The first line of the status page: is anything wrong, what, where, since when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.installation import Installation
from webmanager.domain.picture import Freshness, Picture
from webmanager.domain.reading import Quality
from webmanager.domain.snapshot import Snapshot, StringState
from webmanager.engine.board import Board, BusState
from webmanager.web.alarm_verdict import alarms_said, told_for
from webmanager.web.figures import duration
from webmanager.web.judge import Look

MOST_RANGES = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence or two with the look of the worst; `name` is the battery to look at first.

    `news` is the text without durations: what is announced, so that a passing minute is no news.
    """

    look: Look
    text: str
    name: str | None = None
    news: str = ""


def verdict(board: Board, moment: Picture, alarms: AlarmPicture | None = None) -> Verdict:
    """What is to be said at this moment; `alarms` are the open ones, where limits are judged."""
    bus, installation = board.bus, board.installation
    if bus.state is BusState.REFUSED:
        first = min(bus.odd_revisions, default=None)
        return Verdict(Look.ALARM, _refused(board), installation.names[first - 1] if first else None)
    if bus.state is BusState.DOWN:
        return Verdict(Look.ALARM, bus.text)
    if bus.state is BusState.STARTING:
        return Verdict(Look.UNKNOWN, bus.text)
    if moment.aged is None:
        return Verdict(Look.UNKNOWN, "The first scan is running.")
    if moment.freshness is not Freshness.FRESH:
        since = duration(moment.snapshot_age_s)
        return Verdict(Look.ALARM, f"The device has not scanned for {since}.", news="The device does not scan.")
    said = _of_snapshot(board, moment.aged, moment.now_s, told_for(alarms))
    return _with_alarms(said, moment.aged, alarms)


def name_ranges(installation: Installation, addresses: Sequence[int]) -> str:
    """Names of batteries, neighbours joined: `S7-25 to S7-32, S8-4`; more than four ranges are only counted."""
    ranges: list[list[int]] = []
    for address in sorted(addresses):
        if (
            ranges
            and address == ranges[-1][1] + 1
            and installation.string_of[address - 1] == _string(installation, ranges[-1][1])
        ):
            ranges[-1][1] = address
        else:
            ranges.append([address, address])
    named = [_range(installation, first, last) for first, last in ranges[:MOST_RANGES]]
    left = sum(last - first + 1 for first, last in ranges[MOST_RANGES:])
    return ", ".join(named) + (f" and {left} more" if left else "")


def _string(installation: Installation, address: int) -> int:
    return int(installation.string_of[address - 1])


def _range(installation: Installation, first: int, last: int) -> str:
    names = installation.names
    if first == last:
        return names[first - 1]
    return f"{names[first - 1]}{' and ' if last == first + 1 else ' to '}{names[last - 1]}"


def _refused(board: Board) -> str:
    bus = board.bus
    if not bus.odd_revisions:
        return bus.text
    rest = f", all others have {bus.revision}" if bus.revision else ""
    return f"The bus does not start because of mixed hardware revisions: {_listed(board)}{rest}."


def _listed(board: Board) -> str:
    """Who has which odd revision: `S1-5 has 9.9; S2-1 and S2-2 have 1.0`."""
    by_revision: dict[str, list[int]] = {}
    for address, revision in board.bus.odd_revisions.items():
        by_revision.setdefault(revision, []).append(address)
    return "; ".join(
        f"{name_ranges(board.installation, a)} {_have(a)} {revision}" for revision, a in by_revision.items()
    )


def _have(addresses: Sequence[int]) -> str:
    return "has" if len(addresses) == 1 else "have"


def _with_alarms(said: Verdict, snapshot: Snapshot, alarms: AlarmPicture | None) -> Verdict:
    """The alarms first, then what no alarm speaks of."""
    if alarms is None or not alarms.alarms:
        return said
    look, text, news, address = alarms_said(alarms, alarms.at)
    name = said.name if address is None else snapshot.installation.names[address - 1]
    if said.look is Look.GOOD:
        flow = _discharging(snapshot)
        return Verdict(look, text + flow, name, news + flow)
    return Verdict(max(look, said.look), f"{text} {said.text}", name, f"{news} {said.news}")


def _of_snapshot(board: Board, snapshot: Snapshot, now_s: float, told: frozenset[int]) -> Verdict:
    """What the snapshot shows; batteries that are `told` of already are left out."""
    total = snapshot.installation.modules
    ages = snapshot.ages_s(now_s)
    parts: list[tuple[Look, str, str, int]] = []
    if odd := board.bus.odd_revisions:
        text = f"Another hardware revision than {board.bus.revision}, with which the bus will not start again"
        parts.append((Look.WARNING, f"{text}: {_listed(board)}", "", min(odd)))
    for quality, look, one, many in _SENTENCES:
        found = (np.flatnonzero(snapshot.modules.quality == quality) + 1).tolist()
        addresses = [address for address in found if address not in told]
        if addresses:
            what = one if len(addresses) == 1 else many
            text = f"{len(addresses)} of {total} batteries {what}: {name_ranges(snapshot.installation, addresses)}"
            oldest = max(float(ages[address - 1]) for address in addresses)
            parts.append((look, text, _since(quality, oldest), addresses[0]))
    flow = _discharging(snapshot)
    if not parts:
        text = (f"All {total} batteries answer." if total > 1 else "The battery answers.") + flow
        return Verdict(Look.GOOD, text)
    look, first = parts[0][0], parts[0][-1]
    return Verdict(
        look,
        " ".join(f"{text}{since}." for _, text, since, _ in parts) + flow,
        snapshot.installation.names[first - 1],
        " ".join(f"{text}." for _, text, _, _ in parts) + flow,
    )


def _discharging(snapshot: Snapshot) -> str:
    """The load lives on the batteries: said with the verdict, though nothing is wrong with them."""
    total, count = len(snapshot.strings.state), int(np.count_nonzero(snapshot.strings.state == StringState.DISCHARGING))
    if count == 0:
        return ""
    if total == 1:
        return " The string is discharging."
    return f" {count} of {total} strings {'is' if count == 1 else 'are'} discharging."


def _since(quality: Quality, oldest_s: float) -> str:
    if quality is not Quality.SILENT:
        return ""
    return ", not once since the start" if math.isinf(oldest_s) else f", for {duration(oldest_s)}"


_SENTENCES = (
    (Quality.SILENT, Look.SILENT, "does not answer", "do not answer"),
    (Quality.IMPLAUSIBLE, Look.IMPLAUSIBLE, "reports impossible values", "report impossible values"),
    (Quality.STALE, Look.STALE, "missed a scan", "missed a scan"),
)
