"""The JSON API about jobs: a test of each, and what has become of the messages to each receiver."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Delivery
from webmanager.engine.notify_ports import JobsDesk, QueueStatus
from webmanager.web.alarms.objects import delivery_object
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE, Site


def jobs_of(site: Site) -> JobsDesk:
    """Jobs and queues; Problem 404 in a device that tells nobody anything."""
    if site.parts.jobs is None:
        raise Problem(404, "this device has no jobs")
    return site.parts.jobs


async def queues(request: web.Request) -> web.Response:
    """Every receiver with its counters."""
    return answer({"queues": [queue_object(one) for one in jobs_of(request.app[SITE]).queues()]})


async def test(request: web.Request) -> web.Response:
    """Tries a job out now and says how each receiver fared; it may take as long as the receivers' patience."""
    deliveries = await tested(request.app[SITE], request.match_info["name"])
    return answer({"deliveries": [delivery_object(one) for one in deliveries]})


async def tested(site: Site, name: str) -> Sequence[Delivery]:
    """The outcome of a test; Problem 404 if there is no such job."""
    try:
        return await jobs_of(site).test(name)
    except ConfigError as error:
        raise Problem(404, str(error)) from None


def queue_object(one: QueueStatus) -> dict[str, Any]:
    """One receiver."""
    return {
        "target": one.target,
        "type": one.type,
        "waiting": one.waiting,
        "delivered": one.delivered,
        "failed": one.failed,
        "dropped": one.dropped,
        "retries": one.retries,
        "failing": one.is_failing,
        "last_error": one.last_error,
    }
