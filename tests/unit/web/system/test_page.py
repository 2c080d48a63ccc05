"""System & Network Status: what the device is, where it answers, what it counts."""

import pytest

from fakes.board import FakeBatteries
from fakes.site import bench
from webmanager.engine.counts import Count
from webmanager.web.config import WebConfig
from webmanager.web.metrics.table import METRICS
from webmanager.web.site.parts import Parts
from webmanager.web.system.page import GROUPS

GERMAN = {"Accept-Language": "de"}


async def test_it_says_what_the_device_is_and_where_it_answers() -> None:
    addresses = (("Web", "http://10.0.0.7:8080/"), ("SNMP", "10.0.0.7:161"))
    config = WebConfig(serial="004127", software_version="9.8.7", model="TESTER")
    async with bench(config, parts=Parts(addresses=lambda: addresses)) as site:
        _, page, _ = await site.get("/system")
    for text in ("004127", "9.8.7", "TESTER", "http://10.0.0.7:8080/", "10.0.0.7:161", "256, 12 V 100 Ah AGM"):
        assert text in page, text


async def test_it_counts_what_the_parts_have_counted() -> None:
    counting = [Count("bus_requests", 123456.0), Count("modbus_connections", 3.0, {"way": "tls"})]
    async with bench(parts=Parts(counts=(lambda: counting,))) as site:
        _, page, _ = await site.get("/system")
    assert "<dt>Requests sent to the bus</dt><dd>123456</dd>" in page
    assert "<dt>tls: Connections that are open</dt><dd>3</dd>" in page


async def test_a_part_that_counts_nothing_says_so() -> None:
    async with bench(batteries=FakeBatteries(), has_store=False, scans=0) as site:
        status, page, _ = await site.get("/system")
    assert status == 200
    assert page.count("Nothing is counted here.") >= 3


async def test_it_speaks_german() -> None:
    async with bench() as site:
        _, page, _ = await site.get("/system", headers=GERMAN)
    assert "Modulbus seit dem Start" in page
    assert "since the start" not in page


async def test_strangers_are_led_to_the_login() -> None:
    async with bench() as site:
        status, _, headers = await site.ask("GET", "/system", client=site.stranger)
    assert (status, headers["Location"]) == (303, "/login?next=/system")


@pytest.mark.parametrize("key", [key for key, _ in GROUPS])
def test_each_box_has_metrics(key: str) -> None:
    assert any(name.partition("_")[0] == key for name in METRICS)
