"""The page *System & Network Status*: what this device is, where it answers, and everything it counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from webmanager.engine.counts import Count
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import marked, sentence
from webmanager.web.frame.page import for_people, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.live.stream import FEED
from webmanager.web.metrics.own_counts import own_counts
from webmanager.web.metrics.table import METRICS
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import DASH, NBSP, duration, fixed, moment


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with its label."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the page; `empty` is said where it has no rows."""

    key: str
    title: str
    rows: Sequence[Row]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class SystemView:
    """System: its boxes, in the order they are read."""

    shell: Shell
    boxes: Sequence[Box]


GROUPS = (
    ("bus", marked("Module bus since the start")),
    ("modbus", marked("Modbus since the start")),
    ("snmp", marked("SNMP since the start")),
    ("web", marked("Web interface")),
    ("store", marked("Storage")),
    ("deliveries", marked("Messages since the start")),
)
"""Which counts stand in which box, by the first word of their names."""


_FOR_PROGRAMS = frozenset({"store_ok"})
"""Counts that people read elsewhere, in words."""


async def system(request: web.Request) -> web.Response:
    """The page."""
    site = request.app[SITE]
    counts = own_counts(site, request.app[FEED], await site.history.status())
    boxes = [_device(site), _network(site), _clock(site), _modules(site)]
    boxes += [_counted(key, _(title), counts) for key, title in GROUPS]
    return render(request, "system.html", SystemView(shell(request, "system"), boxes))


def add_system_page(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get("/system", for_people(system))


def _device(site: Site) -> Box:
    config, installation = site.config, site.board.installation
    rows = [
        Row(_("Model"), config.model),
        Row(_("Software"), config.software_version),
        Row(_("Serial number"), config.serial or DASH),
        Row(_("Runs for"), duration(site.monotonic() - site.started_s)),
        Row(_("Batteries"), f"{installation.modules}, {installation.block.name}"),
        Row(_("Strings"), str(installation.strings)),
    ]
    return Box("device", _("Device"), rows)


def _network(site: Site) -> Box:
    rows = [Row(name, where) for name, where in site.parts.addresses()]
    return Box("network", _("Network"), rows or [Row(_("Web interface"), f"{site.config.bind}:{site.config.port}")])


def _clock(site: Site) -> Box:
    rows = [Row(_("Time"), moment(site.clock.now(), site.zone))]
    status = site.parts.time.status() if site.parts.time else None
    if status is not None:
        rows.append(Row(_("Source"), status.source))
        rows.append(Row(_("State"), sentence(status.text)))
        if status.offset_s is not None:
            rows.append(Row(_("Last offset"), f"{fixed(status.offset_s * 1000, 1, signed=True)}{NBSP}ms"))
        rows += [
            Row(server.server, _("{answered} of {asked} answered").format(answered=server.answered, asked=server.asked))
            for server in status.servers
        ]
    return Box("clock", _("Clock"), rows)


def _modules(site: Site) -> Box:
    """How many modules are of which kind: an odd one is seen at once."""
    kinds = Counter((one.type, one.revision, one.firmware) for one in site.board.identities.values())
    text = _("{type}, revision {revision}, firmware {firmware}")
    rows = [
        Row(text.format(type=kind, revision=revision, firmware=firmware), str(count))
        for (kind, revision, firmware), count in sorted(kinds.items())
    ]
    state = Row(_("Bus"), sentence(site.board.bus.text) or site.board.bus.state.value)
    return Box("modules", _("Battery modules"), [state, *rows], "" if rows else _("No module has said what it is."))


def _counted(key: str, title: str, counts: Iterable[Count]) -> Box:
    rows = []
    for count in counts:
        if count.name.partition("_")[0] == key and count.name not in _FOR_PROGRAMS:
            whose = ", ".join(count.labels.values())
            label = _(METRICS[count.name].help).removesuffix(".")
            rows.append(Row(f"{whose}: {label}" if whose else label, fixed(count.value, 0)))
    return Box(key, title, rows, "" if rows else _("Nothing is counted here."))
