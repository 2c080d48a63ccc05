"""What the pages History and Storage show: one frozen value per page, and how it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webmanager.engine.history_ports import HistoryQuantity, HistoryReader, Selection, StoreStatus
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.web.frame.views import Shell
from webmanager.web.site.site import Site
from webmanager.web.texts.figures import DASH, fixed

MOST_COMPARED = 4
SECTOR_BYTES = 4096


@dataclass(frozen=True, slots=True)
class CurveQuantity:
    """A quantity that can be chosen; limits for its scale are the product's, not the page's."""

    key: HistoryQuantity
    label: str
    unit: str
    digits: int


@dataclass(frozen=True, slots=True)
class Range:
    """A usual stretch of time up to now."""

    hours: int
    label: str


QUANTITIES = (
    CurveQuantity("voltage", "Voltage", "V", 3),
    CurveQuantity("temperature", "Temperature", "°C", 1),
    CurveQuantity("ri", "Internal resistance", "mΩ", 2),
    CurveQuantity("equalizing", "Equalizing", "%", 0),
    CurveQuantity("current", "String current", "A", 2),
)
RANGES = (
    Range(26280, "3 years"),
    Range(8760, "1 year"),
    Range(720, "30 days"),
    Range(168, "7 days"),
    Range(24, "1 day"),
    Range(6, "6 h"),
    Range(1, "1 h"),
)
USUAL_HOURS = 168


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One curve as a row of the table: least, mean and greatest value of the range, as text."""

    name: str
    least: str
    mean: str
    greatest: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """History: what was asked for, and enough to ask for more; `why` says why nothing is stored."""

    shell: Shell
    quantities: Sequence[CurveQuantity]
    quantity: CurveQuantity
    ranges: Sequence[Range]
    hours: int | None
    batteries: Sequence[str]
    chosen: Sequence[str]
    per_string: int
    strings: int
    rows: Sequence[CurveRow]
    why: str


@dataclass(frozen=True, slots=True)
class TierView:
    """One resolution of the store; `share` is its part of the flash, %, `x` where its part of the bar begins."""

    key: str
    label: str
    days: str
    size: str
    x: float
    share: float


@dataclass(frozen=True, slots=True)
class StorageFact:
    """One figure about the store, and what it means."""

    label: str
    value: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class StorageView:
    """Storage: budget, reach of each tier, wear; files come with the API."""

    shell: Shell
    look: str
    said: str
    size: str
    free: str
    tiers: Sequence[TierView]
    facts: Sequence[StorageFact]
    quantities: Sequence[tuple[str, str]]
    can_read: bool


TIER_LABELS = {
    "journal": "Journal",
    "minutes": "Minutes",
    "hours": "Hours and days",
    "discharges": "Discharges",
}
STATE_SAID = {
    "ok": ("good", "Everything is stored."),
    "read_only": ("warning", "The flash cannot be written: nothing new is stored."),
    "failing": ("alarm", "The flash fails: what is measured now may be lost."),
    "absent": ("alarm", "There is no flash: nothing is stored."),
}
"""Look and one line for each state of the store."""
SUFFIXES = (
    ("volt", "Voltage"),
    ("temp", "Temperature"),
    ("resist", "Internal resistance"),
    ("bypass", "Equalizing"),
    ("ampere", "String current"),
    ("discharge", "Discharges"),
    ("events", "Events"),
)


async def history_view(site: Site, shell: Shell, query: Mapping[str, str]) -> HistoryView:
    """The page for a query: `b` names of batteries or strings, `q` the quantity, `h` hours up to now."""
    installation = site.board.installation
    quantity = next((one for one in QUANTITIES if one.key == query.get("q")), QUANTITIES[0])
    of_string = quantity.key == "current"
    names = [f"S{number}" for number in range(1, installation.strings + 1)] if of_string else list(installation.names)
    asked = [name for name in dict.fromkeys(query.get("b", "").upper().split(",")) if name in names]
    chosen = tuple(asked[:MOST_COMPARED]) or (names[0],)
    hours = _hours(query)
    status = await site.history.status()
    why = (
        ""
        if status is not None and status.state != "absent"
        else (status.text if status else "") or "there is no flash"
    )
    rows: Sequence[CurveRow] = ()
    if not why:
        reader = site.history.reader
        selections = [Selection(quantity.key, names.index(name) + 1) for name in chosen]
        from_s = None if hours is None else site.clock.now() - hours * 3600.0
        rows = await site.history.read(
            lambda: [_row(reader, one, chosen[at], quantity, from_s) for at, one in enumerate(selections)]
        )
    return HistoryView(
        shell=shell,
        quantities=QUANTITIES,
        quantity=quantity,
        ranges=RANGES,
        hours=hours,
        batteries=installation.names,
        chosen=chosen,
        per_string=installation.per_string,
        strings=installation.strings,
        rows=rows,
        why=sentence(why),
    )


def storage_view(shell: Shell, status: StoreStatus | None) -> StorageView:
    """The page for a status; None in a device without a store."""
    look, said = STATE_SAID["absent" if status is None else status.state]
    said = sentence(said)
    if status is None:
        return StorageView(shell, look, said, DASH, DASH, (), (), SUFFIXES, can_read=False)
    if status.text:
        said += f" {sentence(status.text[:1].upper() + status.text[1:])}."
    return StorageView(
        shell=shell,
        look=look,
        said=said,
        size=_mib(status.bytes),
        free=_mib(status.free_bytes),
        tiers=_tiers(status),
        facts=_facts(status),
        quantities=SUFFIXES,
        can_read=status.state != "absent",
    )


def _hours(query: Mapping[str, str]) -> int | None:
    """Hours up to now; None when a stretch with a beginning and an end was asked for."""
    text = query.get("h", "")
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 100_000:
        return int(text[:6])
    return None if query.get("from") else USUAL_HOURS


def _row(
    reader: HistoryReader, selection: Selection, name: str, quantity: CurveQuantity, from_s: float | None
) -> CurveRow:
    """Least, mean and greatest of a stretch: all of it in one step."""
    series = reader.query(selection, from_s, None, 1)
    figures = [
        fixed(float(values[0]), quantity.digits) if values.size else DASH
        for values in (series.minimum, series.mean, series.maximum)
    ]
    return CurveRow(name, *figures)


def _tiers(status: StoreStatus) -> list[TierView]:
    found, x = [], 0.0
    for tier in status.tiers:
        if tier.name not in TIER_LABELS:
            continue
        share = 100.0 * tier.sectors * SECTOR_BYTES / max(status.bytes, 1)
        days = fixed(tier.days, 1) if tier.days < 100 else fixed(tier.days, 0)
        size = _mib(tier.sectors * SECTOR_BYTES)
        found.append(TierView(tier.name, TIER_LABELS[tier.name], days, size, round(x, 3), round(share, 3)))
        x += share
    return found


def _facts(status: StoreStatus) -> list[StorageFact]:
    years = DASH if status.projected_years is None else f"{status.projected_years:,.0f}".replace(",", "\u2009")
    erases = f"{status.erases_least} / {fixed(status.erases_mean, 1)} / {status.erases_most}"
    facts = [
        StorageFact(
            _("Erases of a sector"),
            erases,
            _("least / mean / most; a sector is made for {count}").format(count="100\u2009000"),
        ),
        StorageFact(
            _("Years until the flash is worn out"),
            years,
            _("at the pace until now") if status.projected_years else _("known after some days"),
        ),
        StorageFact(
            _("Retired sectors"),
            str(status.retired_sectors),
            _("could not be erased or programmed, and are no longer used"),
        ),
        StorageFact(_("Minutes recorded since the start"), str(status.rows)),
        StorageFact(_("Minutes lost since the start"), str(status.rows_dropped)),
        StorageFact(_("Events lost since the start"), str(status.events_dropped)),
        StorageFact(_("Write errors since the start"), str(status.write_errors)),
        StorageFact(_("Parts that cannot be read"), str(status.unreadable)),
    ]
    if status.moved_aside is not None:
        facts.append(StorageFact(_("Kept aside"), status.moved_aside.name, _("an image this device did not recognise")))
    return facts


def _mib(size: int) -> str:
    return f"{fixed(size / 2**20, 1)}\u00a0MiB"
