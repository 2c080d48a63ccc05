"""The status page, rendered by the server; scripts only patch what changes."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from aiohttp import web

from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.web.frame.page import for_people, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.looks.alarm_verdict import of_battery
from webmanager.web.looks.judge import QUANTITIES, Look, Quantity, band
from webmanager.web.looks.picture import Picture, picture
from webmanager.web.looks.verdict import verdict
from webmanager.web.site.site import SITE, Site
from webmanager.web.status.views import BandView, BatteryView, CellView, Fact, RowView, StatusView
from webmanager.web.texts import words
from webmanager.web.texts.figures import DASH, NBSP, current, duration, fixed

MOST_COLUMNS = 32


def status_view(site: Site, shell: Shell, query: Mapping[str, str]) -> StatusView:
    """The page for `?view=map or table`, `q` a quantity, `show=all or abnormal`, `b` the name of a battery."""
    board, installation = site.board, site.board.installation
    moment = site.moment()
    said = verdict(board, moment, site.alarms)
    seen = picture(moment.aged, moment.now_s, site.alarms) if moment.aged is not None else None
    quantity = next((known for known in QUANTITIES if known.key == query.get("q")), QUANTITIES[0])
    view = "table" if query.get("view") == "table" else "map"
    show = "abnormal" if query.get("show") == "abnormal" else "all"
    name = query.get("b", "")
    chosen = installation.names.index(name) + 1 if name in installation.names else None
    columns = min(MOST_COLUMNS, -(-installation.per_string // 8) * 8)
    return StatusView(
        shell=shell,
        look=said.look.word,
        verdict=said.text,
        news=said.news or said.text,
        worst=said.name or "",
        facts=facts(seen, installation.modules),
        quantities=QUANTITIES,
        quantity=quantity,
        view=view,
        show=show,
        modules=installation.modules,
        per_string=installation.per_string,
        columns=columns,
        ruler=[1, *range(8, min(columns, installation.per_string) + 1, 8)],
        bands=[_band(site, seen, string, quantity, columns, chosen) for string in range(1, installation.strings + 1)],
        rows=_rows(site, seen, show == "abnormal", chosen) if view == "table" else (),
        block=installation.block.name,
        battery=_battery(site, seen, chosen) if chosen else None,
    )


async def status(request: web.Request) -> web.Response:
    """BACS status."""
    site = request.app[SITE]
    return render(request, "status.html", status_view(site, shell(request, "status"), request.query))


def add_status_page(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get("/", for_people(status))


def facts(seen: Picture | None, modules: int) -> list[Fact]:
    """The figures beside the verdict."""
    state, answered, amperes, hottest, scan = words.STRING_STATES["unknown"], 0, DASH, DASH, DASH
    if seen is not None:
        snapshot = seen.snapshot
        states = {StringState(int(state)).word for state in snapshot.strings.state}
        state = words.STRING_STATES[states.pop()] if len(states) == 1 else words.PAGE["mixed"]
        answered = snapshot.answered
        amperes = current(float(snapshot.strings.current_a.sum()))
        hottest = fixed(float(np.fmax.reduce(snapshot.modules.temperature_c)), 1)
        scan = fixed(snapshot.duration_s, 2)
    return [
        Fact("state", _("State"), state),
        Fact("answered", _("Answering"), words.PAGE["of"].format(count=answered, total=modules)),
        Fact("current", _("Current"), amperes, "A"),
        Fact("hottest", _("Warmest"), hottest, "°C"),
        Fact("scan", _("Scan"), scan, "s"),
    ]


def _band(
    site: Site, seen: Picture | None, string: int, quantity: Quantity, columns: int, chosen: int | None
) -> BandView:
    installation, index = site.board.installation, string - 1
    addresses = installation.addresses_of(string)
    cells = [_cell(site, seen, address, quantity, address == chosen) for address in addresses]
    rows = [cells[first : first + columns] for first in range(0, len(cells), columns)]
    if seen is None:
        return BandView(string, words.STRING_STATES["unknown"], 0, len(addresses), True, DASH, DASH, DASH, DASH, rows)
    values = seen.snapshot.strings
    return BandView(
        string=string,
        state=words.STRING_STATES[StringState(int(values.state[index])).word],
        answering=int(values.answering[index]),
        batteries=len(addresses),
        is_complete=bool(values.quality[index] == StringQuality.GOOD),
        current=current(float(values.current_a[index])),
        total=fixed(float(values.voltage_v[index]), 1),
        average=fixed(float(values.average_v[index]), 3),
        spread=fixed(float(values.spread_v[index]), 3),
        rows=rows,
    )


def _cell(site: Site, seen: Picture | None, address: int, quantity: Quantity, is_selected: bool) -> CellView:
    name, position = site.board.installation.names[address - 1], site.board.installation.position_of(address)
    if seen is None:
        word = words.PAGE["no_data"]
        return CellView(address, position, Look.UNKNOWN.word, "", f"{name}: {word}", 0, 0, is_selected)
    value = float(seen.values[quantity.key][address - 1])
    others = [int(look[address - 1]) for key, look in seen.looks.items() if key != quantity.key]
    other = Look(max(others))
    look = Look(int(seen.looks[quantity.key][address - 1]))
    y, height = bar(value, quantity)
    text = words.PAGE["no_data"] if math.isnan(value) else _with_unit(value, quantity)
    word = words.LOOKS[Look(int(seen.worst[address - 1])).word].lower()
    return CellView(
        address=address,
        position=position,
        look=look.word,
        other=other.word if other in {Look.NOTICE, Look.WARNING, Look.ALARM} else "",
        label=f"{name}: {text}, {word}",
        y=y,
        height=height,
        is_selected=is_selected,
    )


def bar(value: float, quantity: Quantity) -> tuple[float, float]:
    """(y, height) of a bar in a box of 40: from the middle for signed quantities, else from the foot."""
    if math.isnan(value):
        return 0.0, 0.0
    if quantity.foot is None:
        height = min(20.0, abs(value) / quantity.full * 20)
        return round(20 - height if value > 0 else 20.0, 1), round(height, 1)
    height = min(40.0, max(0.0, (value - quantity.foot) / (quantity.full - quantity.foot) * 40))
    return round(40 - height, 1), round(height, 1)


def _with_unit(value: float, quantity: Quantity) -> str:
    return f"{fixed(value, quantity.digits, signed=quantity.foot is None)}{NBSP}{quantity.unit}"


def _rows(site: Site, seen: Picture | None, only_abnormal: bool, chosen: int | None) -> list[RowView]:
    if seen is None:
        return []
    order = sorted(range(len(seen.worst)), key=lambda index: (-int(seen.worst[index]), index))
    return [
        _row(site, seen, index + 1, index + 1 == chosen)
        for index in order
        if not only_abnormal or Look(int(seen.worst[index])).is_abnormal
    ]


def _row(site: Site, seen: Picture, address: int, is_selected: bool) -> RowView:
    modules, index = seen.snapshot.modules, address - 1
    duty = float(modules.equalizing_percent[index])
    look = Look(int(seen.worst[index])).word
    return RowView(
        address=address,
        name=site.board.installation.names[index],
        voltage=fixed(float(modules.voltage_v[index]), 3),
        temperature=fixed(float(modules.temperature_c[index]), 1),
        ri=fixed(float(modules.ri_mohm[index]), 2),
        equalizing=fixed(duty, 0),
        band=words.BANDS.get(band(duty) or "", words.PAGE["no_data"]),
        look=look,
        word=words.LOOKS[look],
        age=duration(float(seen.ages_s[index])),
        is_selected=is_selected,
    )


def _why(site: Site, address: int, look: str) -> str:
    """What an open alarm says of a battery and what to do; else what its look means."""
    told = of_battery(site.alarms, address)
    return f"{sentence(told[0].found.text)} {sentence(told[0].found.advice)}" if told else words.WHY[look]


def _answered(age: str) -> str:
    never = age == words.PAGE["never"]
    return words.PAGE["never_answered"] if never else words.PAGE["answered"].format(age=age)


def _battery(site: Site, seen: Picture | None, address: int) -> BatteryView:
    identity = site.board.identities.get(address)
    row = _row(site, seen, address, True) if seen else None
    snapshot: Snapshot | None = seen.snapshot if seen else None
    facts: dict[str, Any] = {
        "module": f"{identity.type}, {words.PAGE['revision']} {identity.revision}" if identity else DASH,
        "serial": str(identity.serial) if identity else DASH,
        "firmware": identity.firmware if identity else DASH,
        "charges": int(snapshot.modules.charges[address - 1]) if snapshot else 0,
        "discharges": int(snapshot.modules.discharges[address - 1]) if snapshot else 0,
    }
    reference = float(snapshot.modules.reference_v[address - 1]) if snapshot else float("nan")
    look = row.look if row else Look.UNKNOWN.word
    return BatteryView(
        address=address,
        name=site.board.installation.names[address - 1],
        look=look,
        word=words.LOOKS[look],
        why=_why(site, address, look),
        voltage=row.voltage if row else DASH,
        reference=fixed(reference, 3),
        temperature=row.temperature if row else DASH,
        ri=row.ri if row else DASH,
        equalizing=row.equalizing if row else DASH,
        band=row.band if row else words.PAGE["no_data"],
        answered=_answered(row.age) if row else words.PAGE["never_answered"],
        **facts,
    )
