"""Limits and jobs over HTTP and as pages: the whole table, a trial, tests with proof."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fakes.alarm_site import AlarmSite, FakeJobs, alarm_site
from fakes.board import FakeBatteries
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.limits import ROWS, limits_of
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.limits_model import LimitsSettings
from webmanager.settings.model import Settings
from webmanager.web.limits.answers import JobTest, LimitTable, Queues, TrialAnswer
from webmanager.web.limits.views import groups_of, kinds_from

JOB = {"name": "Night shift", "to": ["mail"], "kinds": ["voltage_*"], "least_severity": "warning"}
MAIL = {"type": "mail", "name": "mail", "server": "mail.example.net", "sender": "a@b.c", "to": ["d@e.f"]}


@pytest.fixture
async def site() -> AsyncIterator[AlarmSite]:
    """96 batteries with settings and jobs; a change of limits reaches the desk."""
    settings = SettingsDesk(Settings.model_validate({"notify": {"receivers": [MAIL], "jobs": [JOB]}}))
    batteries = FakeBatteries(Installation(96, 3, BlockType()))
    async with alarm_site(batteries=batteries, parts={"settings": settings, "jobs": FakeJobs()}) as started:

        def follow(_: Settings, after: Settings) -> None:
            started.desk.change_limits(after.limits.to_domain(), "kern", started.device.clock.now())

        settings.subscribe(follow)
        yield started


async def table(site: AlarmSite) -> dict[str, dict[str, Any]]:
    status, answer, _ = await site.device.get("/api/v1/limits")
    assert status == 200
    LimitTable.model_validate(answer)
    return {one["kind"]: one for one in answer["limits"]}


async def test_the_table_has_every_kind_with_default_and_what_is_in_force(site: AlarmSite) -> None:
    found = await table(site)
    assert list(found) == list(ROWS)
    low = found["voltage_low"]
    assert low["default"] == low["in_force"] == {"notice": None, "warning": 2.17, "alarm": 2.12}
    assert (low["unit"], low["per"], low["gap"], low["hold"], low["is_high"]) == ("V", "cell", 0.02, 60.0, False)
    assert found["battery_low"]["like"] == "voltage_low_discharge"
    site.desk.change_limits(LimitsSettings(kinds={"voltage_low": {"warning": 2.2}}).to_domain(), "kern", 1.7e9)
    assert (await table(site))["voltage_low"]["in_force"]["warning"] == 2.2


async def test_a_trial_says_what_would_have_been_raised(site: AlarmSite) -> None:
    body = {"kinds": {"voltage_deviation": {"warning": 1.0, "alarm": 2.0}}, "days": 7}
    status, answer, _ = await site.device.ask("POST", "/api/v1/limits/trial", json=body)
    assert status == 200
    TrialAnswer.model_validate(answer)
    async with asyncio.timeout(30):
        while (answer := (await site.device.get("/api/v1/limits/trial"))[1])["running"]:
            await asyncio.sleep(0.01)
    TrialAnswer.model_validate(answer)
    assert (answer["error"], answer["progress"]) == (None, 1.0)
    assert answer["rows"] > 100
    assert "S3-17" in " ".join(answer["examples"])
    assert answer["total"] >= answer["total_in_force"] >= 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kinds": {"voltage_low": {"warning": 9.0}}}, "kinds"),
        ({"kinds": {"nonsense": {"warning": 9.0}}}, "kinds"),
        ({"kinds": {}, "days": 5}, "days"),
        ({"kinds": {"voltage_low": {"wrong": 1}}}, "kinds.voltage_low.wrong"),
    ],
)
async def test_limits_that_cannot_be_are_not_tried(site: AlarmSite, body: dict[str, Any], field: str) -> None:
    status, problem, _ = await site.device.ask("POST", "/api/v1/limits/trial", json=body)
    assert (status, problem["errors"][0]["field"]) == (422, field)


async def test_only_one_trial_runs_and_a_closing_server_calls_it_off(site: AlarmSite) -> None:
    body = {"kinds": {}, "days": 90}
    assert (await site.device.ask("POST", "/api/v1/limits/trial", json=body))[0] == 200
    assert (await site.device.ask("POST", "/api/v1/limits/trial", json=body))[0] == 409
    await site.device.server.close()


async def test_a_store_that_cannot_be_read_is_said(site: AlarmSite) -> None:
    site.device.store.broken = True
    await site.device.ask("POST", "/api/v1/limits/trial", json={"kinds": {}, "days": 1})
    async with asyncio.timeout(30):
        while (answer := (await site.device.get("/api/v1/limits/trial"))[1])["running"]:
            await asyncio.sleep(0.01)
    assert answer["error"] == "the store cannot be read: the flash does not answer"


async def test_queues_and_tests(site: AlarmSite) -> None:
    _, answer, _ = await site.device.get("/api/v1/jobs")
    Queues.model_validate(answer)
    assert (answer["queues"][0]["waiting"], answer["queues"][0]["last_error"]) == (2, "connection refused")
    status, answer, _ = await site.device.ask("POST", "/api/v1/jobs/Night%20shift/test")
    JobTest.model_validate(answer)
    assert (status, [one["proof"] for one in answer["deliveries"]]) == (200, ["250 OK", "gone"])
    assert (await site.device.ask("POST", "/api/v1/jobs/nonsense/test"))[0] == 404


def form(**changes: str) -> dict[str, str]:
    """The form as the page would send it, with some fields typed otherwise."""
    sent: dict[str, str] = {}
    for group in groups_of(limits_of(), {}, {}):
        for line in group.lines:
            sent[f"{line.kind}.shown"] = "1"
            shown = [one for one in line.inputs.values() if one.is_settable and (one.value or not one.is_switch)]
            sent |= {one.name: one.value for one in shown}
    return sent | {name.replace("__", "."): value for name, value in changes.items()}


def test_a_form_nobody_touched_changes_nothing() -> None:
    assert kinds_from(form()) == {}


def test_what_was_typed_becomes_changes() -> None:
    typed = form(voltage_low__warning="2,20", voltage_high__alarm="", temperature_high__hold="600", ri_high__alarm="x")
    del typed["module_lost.alarm"]
    assert kinds_from(typed) == {
        "voltage_low": {"warning": 2.2},
        "voltage_high": {"off": ["alarm"]},
        "temperature_high": {"hold": 600.0},
        "ri_high": {"alarm": "x"},
        "module_lost": {"off": ["alarm"]},
    }


async def post(site: AlarmSite, action: str, typed: dict[str, str]) -> tuple[int, str]:
    status, text, _ = await site.device.ask("POST", "/settings/limits", data=typed | {"action": action})
    return status, str(text)


async def test_the_page_applies_and_saves(site: AlarmSite) -> None:
    status, text, _ = await site.device.get("/settings/limits")
    assert (status, text.count("<tr id=")) == (200, sum(row.like is None for row in ROWS.values()))
    assert (await post(site, "apply", form(voltage_low__warning="2.2")))[0] == 303
    assert site.desk.limits.of("voltage_low")[0].raise_at == 2.2
    text = (await site.device.get("/settings/limits?done=applied"))[1]
    assert "a restart would forget it" in text
    assert (await post(site, "save", {}))[0] == 303
    assert "a restart would forget it" not in (await site.device.get("/settings/limits"))[1]


async def test_what_cannot_be_stands_at_its_row_and_nothing_changes(site: AlarmSite) -> None:
    status, text = await post(site, "apply", form(voltage_low__warning="2.0", voltage_low__alarm="2.1"))
    assert status == 422
    assert '<tr id="voltage_low" class="wrong">' in text
    assert "must lie" in text
    assert 'name="voltage_low.warning" value="2.0"' in text, "what was typed stays"
    assert site.desk.limits.of("voltage_low")[0].raise_at == 2.17


async def test_the_page_tries_without_scripts(site: AlarmSite) -> None:
    status, text = await post(site, "try", form(voltage_deviation__warning="1.5") | {"days": "7"})
    assert status == 200
    assert "with the limits in force" in text
    assert 'name="voltage_deviation.warning" value="1.5"' in text
    assert site.desk.limits.of("voltage_deviation")[0].raise_at == 2.0, "a trial changes nothing"


async def test_the_page_of_jobs_tests_with_proof(site: AlarmSite) -> None:
    _, text, _ = await site.device.get("/jobs")
    for said in ("Night shift", "voltage_*, at least Warning", "connection refused"):
        assert said in text
    status, text, _ = await site.device.ask("POST", "/jobs", data={"name": "Night shift"})
    assert (status, "250 OK" in text, "Test of Night shift" in text) == (200, True, True)
    assert (await site.device.ask("POST", "/jobs", data={"name": "x"}))[0] == 404


async def test_a_device_without_settings_or_jobs_says_so(alarmed: AlarmSite) -> None:
    for path in ("/settings/limits", "/jobs", "/api/v1/jobs"):
        assert (await alarmed.device.get(path))[0] == 404
