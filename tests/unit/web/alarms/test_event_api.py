"""The event log as programs and spreadsheets get it."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from fakes.alarm_site import AT, AlarmSite
from fakes.events import event
from webmanager.domain.events import DEVICE, Change, Severity, Source
from webmanager.engine.history_ports import EventRecord
from webmanager.web.alarms.answers import Events

BUS = event(3, kind="bus_open", source=Source("string 7", 7), affected=(217, 218), alarm=8, at=AT + 30)
LOGIN = event(4, Change.HAPPENED, kind="login", source=DEVICE, severity=Severity.NOTICE, alarm=None, at=AT + 40)


async def log(site: AlarmSite, query: str = "") -> list[dict[str, Any]]:
    status, answer, _ = await site.device.get(f"/api/v1/events{query}")
    assert status == 200, answer
    Events.model_validate(answer)
    return list(answer["events"])


def fill(site: AlarmSite) -> None:
    """Four events: a battery raised and cleared, a string, the device; newest last."""
    raised = event(1, at=AT + 10)
    for one in (raised, replace(raised, id=2, change=Change.CLEARED, at=AT + 20), BUS, LOGIN):
        site.log.take(one)


async def test_the_newest_is_first_and_has_every_key(alarmed: AlarmSite) -> None:
    fill(alarmed)
    found = await log(alarmed)
    assert [(one["id"], one["change"]) for one in found] == [
        (4, "happened"),
        (3, "raised"),
        (2, "cleared"),
        (1, "raised"),
    ]
    assert found[3] == {
        "id": 1, "at": "2023-11-14T22:13:30.000Z", "kind": "voltage_high", "change": "raised",
        "source": "battery S3-17", "string": 3, "address": 81, "severity": "alarm", "value": 14.52, "limit": 14.4,
        "unit": "V", "text": "Battery S3-17: 14.52 V is above 14.40 V.", "advice": "Check the charger.", "alarm": 7,
        "affected": [], "by": None, "deliveries": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?limit=2", [4, 3]),
        ("?kind=voltage_*", [2, 1]),
        ("?kind=bus_open", [3]),
        ("?severity=warning", [3, 2, 1]),
        ("?change=cleared", [2]),
        ("?source=S3-17", [2, 1]),
        ("?source=s7-26", [3]),
        ("?source=S7-25", [3]),
        ("?source=S3", [2, 1]),
        ("?source=string+7", [3]),
        ("?source=device", [4]),
        ("?source=nowhere", []),
        ("?alarm=7", [2, 1]),
        (f"?from={AT + 20}", [4, 3, 2]),
        (f"?to={AT + 20}", [1]),
        ("?from=2023-11-14T22:13:50Z&to=2023-11-14T22:14:00Z", [3]),
        ("?kind=&severity=&source=&from=&limit=", [4, 3, 2, 1]),
    ],
)
async def test_filters(alarmed: AlarmSite, query: str, numbers: list[int]) -> None:
    fill(alarmed)
    assert [one["id"] for one in await log(alarmed, query)] == numbers


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=10001", "limit"),
        ("?severity=bad", "severity"),
        ("?change=gone", "change"),
        ("?from=now", "from"),
        (f"?from={AT}&to={AT}", "to"),
        ("?alarm=x", "alarm"),
        ("?since=1", "since"),
    ],
)
async def test_what_cannot_be_asked_is_refused(alarmed: AlarmSite, query: str, field: str) -> None:
    for path in ("/api/v1/events", "/api/v1/events.csv"):
        status, problem, _ = await alarmed.device.get(path + query)
        assert (status, problem["errors"][0]["field"]) == (422, field)


async def test_every_delivery_stands_with_its_event_and_its_proof(alarmed: AlarmSite) -> None:
    fill(alarmed)
    alarmed.log.deliver(BUS)
    alarmed.log.deliver(BUS, target="nms", result="failed", proof="no answer within 5 s", attempts=8)
    alarmed.log.deliver(event(0), target="heartbeat of nobody")
    found = {one["id"]: one["deliveries"] for one in await log(alarmed)}
    assert [(one["target"], one["result"], one["proof"]) for one in found[3]] == [
        ("mail", "delivered", "250 OK"),
        ("nms", "failed", "no answer within 5 s"),
    ]
    assert found[3][1]["attempts"] == 8
    assert found[1] == found[2] == found[4] == []
    late = await log(alarmed, f"?to={AT + 31}")
    assert len(late[0]["deliveries"]) == 2, "deliveries after the range asked for still belong to their event"


async def test_a_number_that_comes_again_after_a_factory_reset_keeps_its_own_deliveries(alarmed: AlarmSite) -> None:
    old, new = event(1, at=AT + 1), event(1, at=AT + 5000)
    for one in (old, new):
        alarmed.log.take(one)
        alarmed.log.deliver(one, proof=f"at {one.at - AT:.0f}")
    assert [one["deliveries"][0]["proof"] for one in await log(alarmed)] == ["at 5000", "at 1"]


async def test_what_is_no_document_of_an_event_is_told_as_far_as_it_goes(alarmed: AlarmSite) -> None:
    alarmed.device.store.records += [
        EventRecord(AT, "restart", {"text": "The device restarts."}),
        EventRecord(AT, "delivery", {"nonsense": 1}),
    ]
    (found,) = await log(alarmed)
    assert (found["kind"], found["change"], found["text"]) == ("restart", "happened", "The device restarts.")


async def test_a_rare_kind_is_found_far_back(alarmed: AlarmSite) -> None:
    alarmed.log.take(event(1, kind="needle"))
    for number in range(2, 3000):
        alarmed.log.take(event(number))
    assert [one["id"] for one in await log(alarmed, "?kind=needle&limit=1")] == [1]


async def test_the_table_for_spreadsheets(alarmed: AlarmSite) -> None:
    fill(alarmed)
    alarmed.log.deliver(BUS)
    alarmed.log.take(event(9, Change.COMMENTED, text='=HYPERLINK("x")', by="admin", at=AT + 50))
    status, text, headers = await alarmed.device.get("/api/v1/events.csv?severity=warning")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert headers["Content-Disposition"] == 'attachment; filename="events_2023-11-14.csv"'
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["kind"] for row in rows] == ["voltage_high", "bus_open", "voltage_high", "voltage_high"]
    assert rows[0]["text"] == '\'=HYPERLINK("x")', "no formula of a stranger runs in a spreadsheet"
    assert rows[1]["messages"] == "Night shift to mail: delivered (250 OK)"
    assert (rows[3]["value"], rows[3]["limit"], rows[3]["time"]) == ("14.52", "14.4", "2023-11-14T22:13:30.000Z")


async def test_a_store_that_fails_is_said(alarmed: AlarmSite) -> None:
    alarmed.device.store.broken = True
    status, problem, _ = await alarmed.device.get("/api/v1/events")
    assert (status, "the flash does not answer" in problem["detail"]) == (503, True)
