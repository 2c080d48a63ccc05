"""What the web door can count by itself: its own sessions and streams, the store, alarms, deliveries."""

from collections.abc import Sequence

from webmanager.domain.events import Severity
from webmanager.engine.counts import Count
from webmanager.engine.history_ports import StoreStatus
from webmanager.engine.notify_ports import QueueStatus
from webmanager.web.live.feed import LiveFeed
from webmanager.web.site.site import Site


def own_counts(site: Site, feed: LiveFeed, store: StoreStatus | None) -> list[Count]:
    """Everything, and what the other parts have counted."""
    found = [
        Count("build_info", 1.0, {"version": site.config.software_version}),
        Count("uptime_seconds", site.monotonic() - site.started_s),
        Count("web_sessions", len(site.sessions)),
        Count("web_live_streams", feed.listeners),
        Count("web_live_dropped", feed.dropped),
    ]
    if site.alarms is not None:
        by = site.alarms.by_severity
        found += [Count("alarms", by.get(severity, 0), {"severity": severity.word}) for severity in Severity]
    if store is not None:
        found += _of_store(store)
    if site.parts.jobs is not None:
        found += _of_deliveries(site.parts.jobs.queues())
    for counting in site.parts.counts:
        found += counting()
    return found


def _of_store(status: StoreStatus) -> list[Count]:
    return [
        Count("store_ok", float(status.state == "ok")),
        Count("store_bytes", status.bytes),
        Count("store_free_bytes", status.free_bytes),
        Count("store_erases_most", status.erases_most),
        Count("store_retired_sectors", status.retired_sectors),
        Count("store_unreadable", status.unreadable),
        Count("store_rows", status.rows),
        Count("store_rows_dropped", status.rows_dropped),
        Count("store_events_dropped", status.events_dropped),
        Count("store_write_errors", status.write_errors),
    ]


def _of_deliveries(queues: Sequence[QueueStatus]) -> list[Count]:
    names = ("waiting", "delivered", "failed", "dropped", "retries")
    found = []
    for queue in queues:
        labels = {"target": queue.target, "type": queue.type}
        found += [Count(f"deliveries_{name}", float(getattr(queue, name)), labels) for name in names]
        found.append(Count("deliveries_failing", float(queue.is_failing), labels))
    return found
