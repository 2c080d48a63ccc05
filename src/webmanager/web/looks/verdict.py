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
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import ngettext, sentence
from webmanager.web.looks.alarm_verdict import alarms_said, told_for
from webmanager.web.looks.judge import Look
from webmanager.web.texts.figures import duration

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
        return Verdict(Look.ALARM, sentence(bus.text))
    if bus.state is BusState.STARTING:
        return Verdict(Look.UNKNOWN, sentence(bus.text))
    if moment.aged is None:
        return Verdict(Look.UNKNOWN, _("The first scan is running."))
    if moment.freshness is not Freshness.FRESH:
        since = duration(moment.snapshot_age_s)
        text = _("The device has not scanned for {time}.").format(time=since)
        return Verdict(Look.ALARM, text, news=_("The device does not scan."))
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
    return ", ".join(named) + (_(" and {count} more").format(count=left) if left else "")


def _string(installation: Installation, address: int) -> int:
    return int(installation.string_of[address - 1])


def _range(installation: Installation, first: int, last: int) -> str:
    names = installation.names
    if first == last:
        return names[first - 1]
    pair = _("{first} and {last}") if last == first + 1 else _("{first} to {last}")
    return pair.format(first=names[first - 1], last=names[last - 1])


def _refused(board: Board) -> str:
    bus = board.bus
    if not bus.odd_revisions:
        return sentence(bus.text)
    rest = _(", all others have {revision}").format(revision=bus.revision) if bus.revision else ""
    text = _("The bus does not start because of mixed hardware revisions: {listed}{rest}.")
    return text.format(listed=_listed(board), rest=rest)


def _listed(board: Board) -> str:
    """Who has which odd revision: `S1-5 has 9.9; S2-1 and S2-2 have 1.0`."""
    by_revision: dict[str, list[int]] = {}
    for address, revision in board.bus.odd_revisions.items():
        by_revision.setdefault(revision, []).append(address)
    return "; ".join(
        ngettext("{names} has {revision}", "{names} have {revision}", len(a)).format(
            names=name_ranges(board.installation, a), revision=revision
        )
        for revision, a in by_revision.items()
    )


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


def _of_snapshot(board: Board, snapshot: Snapshot, now_s: float, known: frozenset[int]) -> Verdict:
    """What the snapshot shows; batteries that are `known` from alarms already are left out."""
    total = snapshot.installation.modules
    ages = snapshot.ages_s(now_s)
    parts: list[tuple[Look, str, str, int]] = []
    if odd := board.bus.odd_revisions:
        text = _("Another hardware revision than {revision}, with which the bus will not start again: {listed}")
        parts.append((Look.WARNING, text.format(revision=board.bus.revision, listed=_listed(board)), "", min(odd)))
    for quality, look, told in _SENTENCES:
        found = (np.flatnonzero(snapshot.modules.quality == quality) + 1).tolist()
        addresses = [address for address in found if address not in known]
        if addresses:
            names = name_ranges(snapshot.installation, addresses)
            text = told(len(addresses)).format(count=len(addresses), total=total, names=names)
            oldest = max(float(ages[address - 1]) for address in addresses)
            parts.append((look, text, _since(quality, oldest), addresses[0]))
    flow = _discharging(snapshot)
    if not parts:
        text = ngettext("The battery answers.", "All {total} batteries answer.", total).format(total=total) + flow
        return Verdict(Look.GOOD, text)
    look, first = parts[0][0], parts[0][-1]
    return Verdict(
        look,
        " ".join(f"{text}{since}." for _look, text, since, _first in parts) + flow,
        snapshot.installation.names[first - 1],
        " ".join(f"{text}." for _look, text, _for, _first in parts) + flow,
    )


def _discharging(snapshot: Snapshot) -> str:
    """The load lives on the batteries: said with the verdict, though nothing is wrong with them."""
    total, count = len(snapshot.strings.state), int(np.count_nonzero(snapshot.strings.state == StringState.DISCHARGING))
    if count == 0:
        return ""
    if total == 1:
        return _(" The string is discharging.")
    text = ngettext(
        " {count} of {total} strings is discharging.", " {count} of {total} strings are discharging.", count
    )
    return text.format(count=count, total=total)


def _since(quality: Quality, oldest_s: float) -> str:
    if quality is not Quality.SILENT:
        return ""
    if math.isinf(oldest_s):
        return _(", not once since the start")
    return _(", for {time}").format(time=duration(oldest_s))


def _silent(count: int) -> str:
    return ngettext(
        "{count} of {total} batteries does not answer: {names}",
        "{count} of {total} batteries do not answer: {names}",
        count,
    )


def _implausible(count: int) -> str:
    return ngettext(
        "{count} of {total} batteries reports impossible values: {names}",
        "{count} of {total} batteries report impossible values: {names}",
        count,
    )


def _stale(count: int) -> str:
    return ngettext(
        "{count} of {total} batteries missed a scan: {names}",
        "{count} of {total} batteries missed a scan: {names}",
        count,
    )


_SENTENCES = (
    (Quality.SILENT, Look.SILENT, _silent),
    (Quality.IMPLAUSIBLE, Look.IMPLAUSIBLE, _implausible),
    (Quality.STALE, Look.STALE, _stale),
)
