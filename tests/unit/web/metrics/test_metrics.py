"""`/metrics` as Prometheus reads it: every value once, unknown absent, and who may read it."""

import math
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fakes.board import SILENT, FakeBatteries, running_board
from fakes.site import Bench, bench
from webmanager.domain.limits import limits_of
from webmanager.domain.points import POINTS
from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.clock import ManualClock
from webmanager.engine.counts import Count
from webmanager.engine.notify_ports import QueueStatus
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.metrics_model import MetricsSettings
from webmanager.settings.model import Settings
from webmanager.web.metrics.metrics import exposition
from webmanager.web.metrics.table import COUNTED, METRICS, PUBLISHED
from webmanager.web.site.parts import Parts
from webmanager.web.site.site import moment_of


class Queues:
    """Deliveries that stand still."""

    async def test(self, job: str) -> Any:
        raise AssertionError(job)

    def queues(self) -> list[QueueStatus]:
        return [QueueStatus("office", "mail", waiting=1, delivered=7, is_failing=True)]


def parsed(text: bytes | str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Samples by name, each by its labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text if isinstance(text, str) else text.decode()):
        for sample in family.samples:
            series = found.setdefault(sample.name, {})
            key = tuple(sorted(sample.labels.items()))
            assert key not in series, (sample.name, key)
            series[key] = sample.value
    return found


async def scraped(site: Bench, **more: Any) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    status, text, headers = await site.get("/metrics", **more)
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(text)


async def test_every_battery_stands_with_its_labels_and_what_is_unknown_is_absent() -> None:
    async with bench(batteries=FakeBatteries(silent=SILENT, low={81: 13.03})) as site:
        found = await scraped(site)
    volts = found["webmanager_battery_voltage_volts"]
    assert volts[("address", "81"), ("name", "S3-17"), ("string", "3")] == pytest.approx(13.03)
    there = {int(dict(labels)["address"]) for labels in volts}
    assert there == set(range(1, 257)) - set(SILENT)
    assert len(found["webmanager_battery_quality"]) == 256
    assert found["webmanager_batteries"] == {(): 256.0}
    assert found["webmanager_batteries_silent"] == {(): 8.0}


async def test_units_are_base_units() -> None:
    async with bench() as site:
        found = await scraped(site)
        snapshot = site.board.snapshot
    assert snapshot is not None
    first = (("address", "1"), ("name", "S1-1"), ("string", "1"))
    assert found["webmanager_battery_resistance_ohms"][first] == pytest.approx(snapshot.modules.ri_mohm[0] / 1000)
    assert found["webmanager_battery_equalizing_ratio"][first] == pytest.approx(
        snapshot.modules.equalizing_percent[0] / 100
    )


async def test_before_the_first_scan_there_are_no_values_but_a_device() -> None:
    async with bench(scans=0) as site:
        found = await scraped(site)
    assert "webmanager_battery_voltage_volts" not in found
    assert found["webmanager_batteries_good"] == {(): 0.0}
    assert "webmanager_scan_age_seconds" not in found


async def test_parts_are_counted() -> None:
    counting = [
        Count("bus_requests", 12.0),
        Count("battery_timeouts", 3.0, labels_of(1)),
        Count("snmp_images", math.nan),
    ]
    parts = Parts(
        alarms=AlarmDesk(FakeBatteries().installation, limits_of(), at=0.0), jobs=Queues(), counts=(lambda: counting,)
    )
    async with bench(parts=parts) as site:
        found = await scraped(site)
    assert found["webmanager_bus_requests_total"] == {(): 12.0}
    assert found["webmanager_battery_timeouts_total"] == {tuple(sorted(labels_of(1).items())): 3.0}
    assert "webmanager_snmp_images_total" not in found
    office = (("target", "office"), ("type", "mail"))
    assert found["webmanager_deliveries_delivered_total"] == {office: 7.0}
    assert found["webmanager_deliveries_failing"] == {office: 1.0}
    assert {dict(labels)["severity"] for labels in found["webmanager_alarms"]} == {"notice", "warning", "alarm"}
    assert found["webmanager_store_ok"] == {(): 1.0}


def labels_of(address: int) -> dict[str, str]:
    return {"address": str(address), "string": "1", "name": f"S1-{address}"}


async def test_strangers_read_nothing_unless_the_settings_let_them() -> None:
    async with bench() as site:
        status, _, headers = await site.ask("GET", "/metrics", client=site.stranger)
        assert status == 401
        assert headers["Content-Type"].startswith("application/problem+json")
    settings = Settings(metrics=MetricsSettings(open=True))
    async with bench(parts=Parts(settings=SettingsDesk(settings))) as site:
        status, text, _ = await site.ask("GET", "/metrics", client=site.stranger)
        assert status == 200
        assert "webmanager_battery_voltage_volts{" in text


def test_a_count_nobody_has_listed_is_a_mistake() -> None:
    board, _ = running_board()
    with pytest.raises(KeyError):
        exposition(moment_of(board, ManualClock()), [Count("nobody_knows", 1.0)])


def test_the_table_names_each_metric_once_and_only_points_there_are() -> None:
    assert len(METRICS) == len(PUBLISHED) + len(COUNTED)
    assert {metric.point for metric in PUBLISHED} <= set(POINTS)
    assert all(metric.help.endswith(".") for metric in METRICS.values())
