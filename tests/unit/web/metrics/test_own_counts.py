"""What the web door counts of itself, the store and the deliveries."""

from dataclasses import replace

from fakes.site import bench
from fakes.stored import FakeStore
from webmanager.engine.counts import Count
from webmanager.web.metrics.own_counts import own_counts
from webmanager.web.metrics.table import METRICS
from webmanager.web.site.parts import Parts


def values(counts: list[Count]) -> dict[str, float]:
    return {count.name: count.value for count in counts if not count.labels}


async def test_every_count_is_in_the_table_with_its_labels() -> None:
    async with bench() as site:
        status = await site.server.site.history.status()
        counts = own_counts(site.server.site, site.server.feed, status)
    for count in counts:
        assert set(count.labels) == set(METRICS[count.name].labels), count


async def test_sessions_and_streams_are_those_of_now() -> None:
    async with bench() as site:
        before = values(own_counts(site.server.site, site.server.feed, None))
        site.server.feed.enter()
        site.host.now_s += 60.0
        after = values(own_counts(site.server.site, site.server.feed, None))
    assert (before["web_live_streams"], after["web_live_streams"]) == (0, 1)
    assert after["uptime_seconds"] - before["uptime_seconds"] == 60.0
    assert "store_ok" not in after


async def test_a_store_that_is_not_well_is_not_ok() -> None:
    async with bench(store=FakeStore()) as site:
        status = await site.server.site.history.status()
        assert status is not None
        sick = replace(status, state="failing", rows_dropped=7)
        counts = values(own_counts(site.server.site, site.server.feed, sick))
    assert counts["store_ok"] == 0.0
    assert counts["store_rows_dropped"] == 7.0


async def test_parts_are_asked_each_time() -> None:
    asked: list[int] = []

    def counting() -> list[Count]:
        asked.append(1)
        return [Count("bus_requests", float(len(asked)))]

    async with bench(parts=Parts(counts=(counting,))) as site:
        for expected in (1.0, 2.0):
            counts = values(own_counts(site.server.site, site.server.feed, None))
            assert counts["bus_requests"] == expected
