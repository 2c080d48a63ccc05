"""The hand in the room over the device: forwarded as it is, with what the device has noticed."""

from typing import Any

import pytest

from fakes.room import FakeRoom
from fakes.site import Bench, bench
from webmanager.engine.notify_ports import QueueStatus
from webmanager.web.site.parts import Parts
from webmanager.web.site.room_link import RoomControl

Room = tuple[FakeRoom, RoomControl]


async def test_the_state_of_the_room_is_the_rooms_own(device_with_room: Bench, fake_room: Room) -> None:
    status, answer, _ = await device_with_room.get("/api/v1/room")
    assert (status, answer) == (200, fake_room[0].state())
    assert (await device_with_room.get("/api/v1/system"))[1]["room"] is True


async def test_a_fault_has_an_id_and_is_repaired_by_it(device_with_room: Bench, fake_room: Room) -> None:
    fault = {"kind": "bus_break", "address": 216}
    status, answer, _ = await device_with_room.ask("POST", "/api/v1/room/faults", json=fault)
    assert status == 201
    assert fake_room[0].calls == [("POST", "/faults", fault)]
    _, listed, _ = await device_with_room.get("/api/v1/room/faults")
    assert listed["faults"][0]["id"] == answer["id"]
    assert listed["faults"][0]["seen"] == {"look": "silent", "text": "8 of 8 silent behind it"}
    assert (await device_with_room.get("/api/v1/room"))[1]["faults"] == listed["faults"]
    status, _, _ = await device_with_room.ask("DELETE", f"/api/v1/room/faults/{answer['id']}")
    assert status == 200
    assert fake_room[0].faults == []


@pytest.mark.parametrize(
    ("path", "body", "field", "value"),
    [
        ("mains", {"on": False}, "mains", False),
        ("load", {"watts": 50_000}, "load_w", 50_000),
        ("load", {"watts": 0.5}, "load_w", 0.5),
        ("speed", {"factor": 600}, "factor", 600),
        ("ambient", {"celsius": -5}, "ambient_c", -5),
    ],
)
async def test_controls(
    device_with_room: Bench, fake_room: Room, path: str, body: dict[str, Any], field: str, value: object
) -> None:
    status, _, _ = await device_with_room.ask("POST", f"/api/v1/room/{path}", json=body)
    assert status == 200
    assert getattr(fake_room[0], field) == value


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("mains", {"on": "yes"}),
        ("mains", {}),
        ("load", {"watts": -1}),
        ("load", {"watts": "many"}),
        ("speed", {"factor": 0}),
        ("ambient", {"celsius": 1000}),
        ("faults", {"address": 3}),
        ("faults", {"kind": "soft_short", "adress": 3}),
        ("faults", {"kind": "soft_short", "address": "three"}),
        ("faults", {"kind": "soft_short", "address": 1.5}),
    ],
)
async def test_what_cannot_be_is_422_and_does_not_reach_the_room(
    device_with_room: Bench, fake_room: Room, path: str, body: dict[str, Any]
) -> None:
    status, problem, headers = await device_with_room.ask("POST", f"/api/v1/room/{path}", json=body)
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert problem["errors"]
    assert fake_room[0].calls == []


async def test_not_a_number_is_no_number(device_with_room: Bench, fake_room: Room) -> None:
    headers = {"Content-Type": "application/json"}
    for text in ('{"watts": NaN}', '{"watts": Infinity}', '{"watts": 1e999}'):
        status, _, _ = await device_with_room.ask("POST", "/api/v1/room/load", data=text, headers=headers)
        assert status in {400, 422}
    assert fake_room[0].calls == []


async def test_what_the_room_refuses_is_a_problem_with_the_rooms_words(device_with_room: Bench) -> None:
    status, problem, headers = await device_with_room.ask("POST", "/api/v1/room/faults", json={"kind": "earthquake"})
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert problem["detail"] == "unknown kind earthquake"
    assert "soft_short" in problem["allowed"]
    assert problem["instance"] == "/api/v1/room/faults"
    status, problem, _ = await device_with_room.ask("DELETE", "/api/v1/room/faults/77")
    assert (status, problem["detail"]) == (404, "there is no such fault")


async def test_scenarios(device_with_room: Bench, fake_room: Room) -> None:
    _, listed, _ = await device_with_room.get("/api/v1/room/scenarios")
    assert [scenario["name"] for scenario in listed["scenarios"]] == ["monthly_test", "summer"]
    status, playing, _ = await device_with_room.ask("POST", "/api/v1/room/scenarios/summer/play")
    assert (status, playing["running"]) == (200, True)
    assert (await device_with_room.ask("DELETE", "/api/v1/room/scenario"))[0] == 204
    assert fake_room[0].scenario is None


@pytest.mark.parametrize("name", ["a%2Fb", "..%2F..%2Froom", "a%3Fb=1", "a b"])
async def test_a_name_cannot_leave_its_place_in_the_path(device_with_room: Bench, fake_room: Room, name: str) -> None:
    status, _, _ = await device_with_room.ask("POST", f"/api/v1/room/scenarios/{name}/play")
    assert status in {200, 404}
    for _, path, _ in fake_room[0].calls:
        assert path.startswith("/scenarios/")
        assert path.endswith("/play")


async def test_without_a_room_there_is_nothing_to_break(device: Bench) -> None:
    for method, path in (("GET", "/room"), ("GET", "/room/faults"), ("DELETE", "/room/scenario")):
        status, problem, _ = await device.ask(method, f"/api/v1{path}")
        assert (status, problem["detail"]) == (404, "there is no simulated room: the batteries are real")


async def test_a_room_that_is_gone_is_502(device_with_room: Bench, fake_room: Room) -> None:
    fake_room[0].is_gone = True
    status, problem, headers = await device_with_room.get("/api/v1/room")
    assert (status, headers["Content-Type"]) == (502, "application/problem+json")
    assert "cannot be reached" in problem["detail"]
    assert (await device_with_room.get("/api/v1/system"))[0] == 200, "the device goes on"


async def test_the_page_says_that_the_room_is_gone(device_with_room: Bench, fake_room: Room) -> None:
    fake_room[0].is_gone = True
    status, page, _ = await device_with_room.get("/room")
    assert status == 200
    assert "cannot be reached" in page
    assert 'id="newfault"' not in page


async def test_the_socket_of_a_room_that_never_was(tmp_path: Any) -> None:
    control = RoomControl(f"unix:{tmp_path / 'none'}")
    async with bench(room=control) as device:
        assert (await device.ask("POST", "/api/v1/room/mains", json={"on": True}))[0] == 502
    await control.close()


async def test_what_arrived_is_handed_on_and_emptied(device_with_room: Bench, fake_room: Room) -> None:
    room = fake_room[0]
    for subject in ("first", "second"):
        room.inbox.arrive("mail", subject)
    assert (await device_with_room.get("/api/v1/room/inbox"))[1] == room.inbox.document()
    status, newer, _ = await device_with_room.get("/api/v1/room/inbox?after=1")
    assert (status, [one["subject"] for one in newer["arrivals"]]) == (200, ["second"])
    status, problem, _ = await device_with_room.get("/api/v1/room/inbox?after=a%26b")
    assert (status, room.calls[-1][1]) == (422, "/inbox?after=a%26b")
    assert "the number of an arrival" in problem["detail"]
    status, emptied, _ = await device_with_room.ask("DELETE", "/api/v1/room/inbox")
    assert (status, emptied["arrivals"], room.inbox.arrivals) == (200, [], [])


async def test_only_who_may_operate_empties_it(device_with_room: Bench) -> None:
    stranger = device_with_room.stranger
    assert (await device_with_room.ask("GET", "/api/v1/room/inbox", client=stranger))[0] == 401
    assert (await device_with_room.ask("DELETE", "/api/v1/room/inbox", client=stranger))[0] in {401, 403}


async def test_a_broken_receiver_is_seen_in_the_queues(fake_room: Room) -> None:
    class Jobs:
        async def test(self, job: str) -> list[Any]:
            return []

        def queues(self) -> list[QueueStatus]:
            return [QueueStatus("demo mail", "mail", is_failing=True, last_error="refused")]

    async with bench(room=fake_room[1], parts=Parts(jobs=Jobs())) as device:
        fault = {"kind": "receiver_dead", "channel": "mail"}
        assert (await device.ask("POST", "/api/v1/room/faults", json=fault))[0] == 201
        _, listed, _ = await device.get("/api/v1/room/faults")
        assert listed["faults"][0]["seen"] == {"look": "alarm", "text": "refused"}
    async with bench(room=fake_room[1]) as device:
        _, listed, _ = await device.get("/api/v1/room/faults")
        assert listed["faults"][0]["seen"]["look"] == "unknown"
