"""The calls about alarms, on a real server with a real desk."""

from typing import Any

import pytest

from fakes.alarm_site import AT, BEHIND_THE_CUT, LOW, AlarmSite, alarm_site
from fakes.site import Bench, basic
from webmanager.domain.events import Change
from webmanager.web.accounts.roles import Role, User
from webmanager.web.alarms.answers import AlarmAnswer, AlarmCounts, Alarms
from webmanager.web.texts.figures import iso

MINE = {"Content-Type": "application/json"}


async def post(site: AlarmSite, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    given = {} if body is None else {"json": body}
    status, answer, _ = await site.device.ask("POST", f"/api/v1/alarms{path}", **given, **more)
    return status, answer


async def listed(site: AlarmSite, query: str = "") -> list[dict[str, Any]]:
    status, answer, _ = await site.device.get(f"/api/v1/alarms{query}")
    assert status == 200
    Alarms.model_validate(answer)
    return list(answer["alarms"])


async def test_a_healthy_device_has_no_alarm(alarmed: AlarmSite) -> None:
    status, answer, _ = await alarmed.device.get("/api/v1/alarms?pending=1")
    assert (status, answer["alarms"], answer["counts"]["open"]) == (200, [], 0)


async def test_open_alarms_come_gravest_first_with_all_they_know(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    found = {alarm["kind"]: alarm for alarm in await listed(alarmed)}
    assert set(found) == {"voltage_low", "bus_open"}
    low, bus = found["voltage_low"], found["bus_open"]
    assert (low["source"], low["address"], low["string"], low["severity"]) == ("S3-17", LOW, 3, "alarm")
    assert (low["value"], low["limit"], low["unit"]) == (12.6, 12.72, "V")
    assert low["text"].startswith("S3-17 voltage 12.60 V on float, under its limit of 12.72 V, since")
    assert "Likely" in low["advice"]
    assert low["since"].startswith("2023-11-14T22:13:2")
    assert (bus["affected"], bus["value"], bus["address"]) == (list(BEHIND_THE_CUT), None, None)
    assert {alarm["state"] for alarm in found.values()} == {"active"}


async def test_pending_ones_are_shown_when_asked_for(alarmed: AlarmSite) -> None:
    alarmed.device.batteries.low = {LOW: 12.60}
    alarmed.scan(3)
    assert await listed(alarmed) == []
    pending = await listed(alarmed, "?pending=1")
    assert {(one["kind"], one["severity"], one["state"], one["id"]) for one in pending} == {
        ("voltage_low", "warning", "pending", None),
        ("voltage_low", "alarm", "pending", None),
    }
    assert pending[0]["text"] == "S3-17: voltage low on float 12.60 V, not yet a warning: it must last 60 s."
    assert (pending[0]["value"], pending[0]["limit"], pending[0]["address"]) == (12.6, 13.02, LOW)


async def test_an_alarm_is_acknowledged_under_the_name_of_the_caller_and_taken_back(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    number = alarmed.number_of("voltage_low")
    status, answer = await post(alarmed, f"/{number}/acknowledge")
    AlarmAnswer.model_validate(answer)
    assert (status, answer["state"], answer["acknowledged_by"]) == (200, "acknowledged", "admin")
    assert (await alarmed.device.get("/api/v1/alarms"))[1]["counts"]["unacknowledged"] == 1
    status, answer = await post(alarmed, f"/{number}/unacknowledge")
    assert (status, answer["state"], answer["acknowledged_by"]) == (200, "active", None)
    changes = [event.change for event in alarmed.log.events if event.alarm == number]
    assert changes == [Change.RAISED, Change.ACKNOWLEDGED, Change.UNACKNOWLEDGED]


async def test_shelving_ends_at_its_time_or_when_told(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    number, now = alarmed.number_of("voltage_low"), alarmed.device.clock.now()
    _, answer = await post(alarmed, f"/{number}/shelve", {"for_s": 3600})
    assert (answer["state"], answer["shelved_until"]) == ("shelved", iso(now + 3600))
    _, answer = await post(alarmed, f"/{number}/unshelve")
    assert answer["state"] == "active"
    _, answer = await post(alarmed, f"/{number}/shelve", {"until": now + 60})
    assert answer["state"] == "shelved"
    alarmed.scan(31)
    assert (await listed(alarmed))[0]["shelved_until"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "until"),
        ({"until": AT + 7200, "for_s": 60}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"until": AT - 60}, "until"),
        ({"until": "2033-01-01"}, "until"),
        ({"for_s": 90_000}, "for_s"),
    ],
)
async def test_a_shelf_that_cannot_be_is_refused(alarmed: AlarmSite, body: dict[str, Any], field: str) -> None:
    alarmed.break_two()
    status, problem = await post(alarmed, f"/{alarmed.number_of('voltage_low')}/shelve", body)
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert {alarm["state"] for alarm in await listed(alarmed)} == {"active"}


async def test_a_comment_is_kept_with_its_author(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    number = alarmed.number_of("bus_open")
    _, answer = await post(alarmed, f"/{number}/comment", {"text": "Cable ordered <b>today</b>"})
    assert [(one["by"], one["text"]) for one in answer["comments"]] == [("admin", "Cable ordered <b>today</b>")]
    for text in ("", "x" * 501, "   "):
        assert (await post(alarmed, f"/{number}/comment", {"text": text}))[0] == 422


@pytest.mark.parametrize("number", ["9999", "x", "-1", "1e3", "0" * 30])
@pytest.mark.parametrize("what", ["acknowledge", "unacknowledge", "unshelve"])
async def test_what_is_not_open_is_not_there(alarmed: AlarmSite, number: str, what: str) -> None:
    status, problem = await post(alarmed, f"/{number}/{what}")
    assert (status, problem["status"]) == (404, 404)


async def test_maintenance_begins_ends_and_has_a_limit(alarmed: AlarmSite) -> None:
    status, answer = await post(alarmed, "/maintenance", {"for_s": 600})
    AlarmCounts.model_validate(answer)
    assert (status, answer["maintenance_until"]) == (200, "2023-11-14T22:23:24.000Z")
    assert (await post(alarmed, "/maintenance", {"for_s": 0}))[1]["maintenance_until"] is None
    status, problem = await post(alarmed, "/maintenance", {"for_s": 80_000})
    assert (status, problem["errors"][0]["field"]) == (422, "for_s")


async def test_the_load_is_counted_from_the_log(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    await post(alarmed, f"/{alarmed.number_of('bus_open')}/acknowledge")
    _, load, _ = await alarmed.device.get("/api/v1/alarms/load")
    assert (load["last_10_min"], load["last_day"], load["standing"], load["grouped"]) == (2, 2, 0, 7)
    assert load["answer_s"] > 0


async def test_a_viewer_reads_and_changes_nothing(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    site = alarmed.device.server.site
    secret, session = site.sessions.open(User("guest", Role.VIEWER))
    headers = {"Cookie": f"{site.config.session_cookie}={secret}", "X-CSRF-Token": session.csrf}
    guest = {"client": alarmed.device.stranger, "headers": headers}
    assert (await alarmed.device.get("/api/v1/alarms", **guest))[0] == 200
    number = alarmed.number_of("bus_open")
    for path, body in ((f"/{number}/acknowledge", None), ("/maintenance", {"for_s": 60})):
        assert (await post(alarmed, path, body, **guest))[0] == 403
    assert alarmed.desk.picture.unacknowledged == 2


async def test_a_device_without_limits_says_so(device: Bench) -> None:
    for path in ("/api/v1/alarms", "/api/v1/alarms/load"):
        status, problem, _ = await device.get(path)
        assert (status, problem["detail"]) == (404, "this device judges no limits: it has no alarms")
    assert (await device.get("/api/v1/alarms?all=1"))[0] == 404


@pytest.mark.parametrize("query", ["?all=1", "?pending=2", "?pending=yes"])
async def test_a_typo_is_no_silence(alarmed: AlarmSite, query: str) -> None:
    assert (await alarmed.device.get(f"/api/v1/alarms{query}"))[0] == 422


async def test_without_a_store_alarms_go_on() -> None:
    async with alarm_site(has_store=False) as site:
        site.break_two()
        assert len(await listed(site)) == 2
        assert (await site.device.get("/api/v1/alarms/load"))[0] == 503
        assert (await site.device.get("/api/v1/events"))[0] == 503


async def test_who_is_not_logged_in_learns_nothing(alarmed: AlarmSite) -> None:
    for path in ("/api/v1/alarms", "/api/v1/events", "/api/v1/events.csv"):
        wrong = {"client": alarmed.device.stranger, "headers": basic("admin", "nonsense")}
        assert (await alarmed.device.get(path, **wrong))[0] in {401, 429}
