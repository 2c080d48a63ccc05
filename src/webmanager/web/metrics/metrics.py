"""`/metrics`: everything this device measures and counts, as Prometheus reads it. Unknown is absent, never 0."""

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from webmanager.domain.installation import Installation
from webmanager.domain.picture import Picture
from webmanager.domain.points import POINTS, Scope, read
from webmanager.engine.counts import Count
from webmanager.web.accounts.roles import Role
from webmanager.web.guard.auth import guarded
from webmanager.web.live.stream import FEED
from webmanager.web.metrics.own_counts import own_counts
from webmanager.web.metrics.table import METRICS, PREFIX, PUBLISHED, Metric, Published
from webmanager.web.site.site import SITE, Site

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Family = CounterMetricFamily | GaugeMetricFamily


def exposition(picture: Picture, counts: Iterable[Count]) -> bytes:
    """The text format 0.0.4 of a moment; KeyError for a count that is not in the table."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once([*_published(picture), *_counted(counts)]))
    return generate_latest(registry)


async def metrics(request: web.Request) -> web.Response:
    """All metrics; the text is made in a thread, one at a time."""
    site, feed = request.app[SITE], request.app[FEED]
    async with request.app[_BUSY]:
        counts = own_counts(site, feed, await site.history.status())
        text = await asyncio.to_thread(exposition, site.moment(), counts)
    response = web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})
    response.enable_compression()
    return response


def add_metrics(app: web.Application) -> None:
    """Puts the metrics into an application: for viewers, or for anybody where the settings say so."""
    app[_BUSY] = asyncio.Lock()
    behind_login = guarded(metrics, Role.VIEWER)

    async def door(request: web.Request) -> web.StreamResponse:
        return await (metrics if _is_open(request.app[SITE]) else behind_login)(request)

    app.router.add_get("/metrics", door)


_BUSY: web.AppKey[asyncio.Lock] = web.AppKey("metrics", asyncio.Lock)


def _is_open(site: Site) -> bool:
    return site.parts.settings is not None and site.parts.settings.applied.metrics.open


class _Once(Collector):
    """Families that are there already."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        """All of them."""
        return self._families


def _published(picture: Picture) -> Iterator[Family]:
    labels = _labels(picture.installation)
    for metric in PUBLISHED:
        family = _family(metric)
        point = POINTS[metric.point]
        for own, value in zip(labels[point.scope], read(point, picture).values.tolist(), strict=True):
            if math.isfinite(value):
                family.add_metric(own, round(value * metric.factor, 9))
        yield family


def _labels(installation: Installation) -> dict[Scope, list[list[str]]]:
    strings = installation.string_of.tolist()
    return {
        Scope.DEVICE: [[]],
        Scope.STRING: [[str(number)] for number in range(1, installation.strings + 1)],
        Scope.MODULE: [[str(n), str(strings[n - 1]), name] for n, name in enumerate(installation.names, 1)],
    }


def _counted(counts: Iterable[Count]) -> Iterator[Family]:
    families: dict[str, Family] = {}
    for count in counts:
        metric = METRICS[count.name]
        family = families.setdefault(count.name, _family(metric))
        if math.isfinite(count.value):
            family.add_metric([count.labels[label] for label in metric.labels], count.value)
    yield from families.values()


def _family(metric: Metric | Published) -> Family:
    kind = CounterMetricFamily if metric.is_counter else GaugeMetricFamily
    return kind(f"{PREFIX}{metric.name}", metric.help, labels=metric.labels)
