"""The control interface with a real client over a real socket."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig
from webmanager.room.control import ControlServer
from webmanager.room.inbox.ports import InboxPorts
from webmanager.room.reception import Reception
from webmanager.room.service import RoomService


class Host:
    """The host's clock, in the hand of the test."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def service(make_room):
    config = RoomConfig(modules=8, strings=2, block=BlockType(), revision="1.3")
    return RoomService(config, 1_700_000_000.0, Host.now_s, lambda: 0.0)


@pytest.fixture
async def server(service, tmp_path):
    server = ControlServer(service, Host())
    await server.start(f"unix:{tmp_path}/room.sock")
    yield server
    await server.stop()


@asynccontextmanager
async def client_of(path):
    connector = aiohttp.UnixConnector(path=str(path))
    async with aiohttp.ClientSession(connector=connector, base_url="http://room") as client:
        yield client


@pytest.fixture
async def client(server, tmp_path):
    async with client_of(tmp_path / "room.sock") as client:
        yield client


async def call(client, method, path, body=None):
    async with client.request(method, path, json=body) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_room(client):
    status, room = await call(client, "GET", "/room")
    assert status == 200
    assert room["seed"] == 1
    assert room["factor_set"] == 1.0


async def test_a_fault_from_breaking_to_repair(client, service):
    status, fault = await call(client, "POST", "/faults", {"kind": "module_silent", "address": 3})
    assert status == 201
    assert (fault["kind"], fault["where"]) == ("module_silent", "S1-3")
    assert service.room.cable.silent[2]
    assert (await call(client, "GET", "/faults"))[1]["faults"] == [fault]
    status, gone = await call(client, "DELETE", f"/faults/{fault['id']}")
    assert (status, gone) == (200, fault)
    assert not service.room.cable.silent[2]
    assert (await call(client, "GET", "/faults"))[1]["faults"] == []


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/faults", {"kind": "flood"}, "open_circuit, shorted_cell"),
        ("/faults", {"kind": "open_circuit", "address": 9}, "1 to 8"),
        ("/faults", {}, "is not known"),
        ("/faults", [1], "must be a JSON object"),
        ("/mains", {"on": 1}, 'on: true or false is needed, as {"on": true}'),
        ("/mains", {}, "true or false"),
        ("/load", {"watts": -1}, "0 to 1e+07 W"),
        ("/load", {"watts": "1"}, "a number"),
        ("/load", {"watts": True}, "a number"),
        ("/ambient", {"celsius": 99}, "-20 to 60 degC"),
        ("/speed", {"factor": 0}, "0.1 to 100000"),
        ("/speed", {"factor": None}, "a number"),
        ("/scenarios/flood/play", None, "monthly_discharge_test"),
    ],
)
async def test_what_cannot_be_is_422_and_says_what_can(client, path, body, said):
    async with client.post(path, json=body) as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert answer.status == problem["status"] == 422
    assert said in problem["detail"]
    assert problem["title"]


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("DELETE", "/faults/7", None, 404),
        ("DELETE", "/faults/x", None, 404),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/room", None, 405),
        ("POST", "/mains", b"{on", 400),
        ("POST", "/mains", bytes(100_000), 413),
    ],
)
async def test_other_errors_are_problems_too(client, method, path, data, status):
    async with client.request(method, path, data=data) as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert answer.status == problem["status"] == status
    assert problem["detail"]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 20])
async def test_a_number_that_is_none(client, after):
    status, problem = await call(client, "GET", f"/inbox?after={after}")
    assert (status, problem["status"]) == (422, 422)
    assert "the number of an arrival" in problem["detail"]


async def test_what_is_done_is_noted_before_it_is_answered_and_what_arrived_is_told(tmp_path):
    config = RoomConfig(modules=8, strings=2, start="fresh", inbox=InboxPorts())
    service, host = RoomService(config, 1_700_000_000.0, 100.0, lambda: 0.0), Host()
    reception = Reception(service, host)
    await reception.open()
    server = ControlServer(service, host, reception=reception)
    await server.start(f"unix:{tmp_path}/room.sock")
    async with client_of(tmp_path / "room.sock") as client:
        _, fault = await call(client, "POST", "/faults", {"kind": "receiver_dead", "channel": "webhook"})
        await call(client, "POST", "/faults", {"kind": "module_silent", "address": 1})
        _, document = await call(client, "GET", "/inbox")
        assert document["deeds"] == [
            {"what": "broken", "title": "Module silent", "where": "S1-1", "told": {}, "at": "2023-11-14T22:13:20.000Z"}
        ]
        (hook,) = (one for one in document["channels"] if one["channel"] == "webhook")
        assert hook["behaves"] == "dead"
        url = f"http://127.0.0.1:{hook['port']}/"
        async with aiohttp.ClientSession() as device:
            with pytest.raises(aiohttp.ClientConnectorError):
                await call(device, "POST", url, {"text": "too early"})
            await call(client, "DELETE", f"/faults/{fault['id']}")
            assert (await call(device, "POST", url, {"text": "S1-1 is lost"}))[0] == 200
        _, document = await call(client, "GET", "/inbox?after=0")
        assert [one["subject"] for one in document["arrivals"]] == ["S1-1 is lost"]
        status, document = await call(client, "DELETE", "/inbox")
        assert (status, document["arrivals"], document["newest"]) == (200, [], 1)
    await server.stop()
    await reception.close()


async def test_hands_on_the_room(client, service):
    assert (await call(client, "POST", "/mains", {"on": False}))[1]["mains"] is False
    assert (await call(client, "POST", "/load", {"watts": 1234}))[1]["load_w"] == 1234.0
    assert (await call(client, "POST", "/ambient", {"celsius": 30.5}))[1]["ambient_c"] == 30.5
    assert (await call(client, "POST", "/speed", {"factor": 60}))[1]["factor_set"] == 60.0
    assert (service.room.mains, service.room.load_w, service.room.ambient_c) == (False, 1234.0, 30.5)


async def test_scenarios(client, service):
    listed = (await call(client, "GET", "/scenarios"))[1]["scenarios"]
    assert {"name", "title", "text", "lasts_s"} <= set(listed[0])
    assert (await call(client, "POST", "/scenarios/mains_failure/play"))[1]["scenario"]["running"] is True
    assert not service.room.mains
    assert (await call(client, "DELETE", "/scenario"))[1]["scenario"] is None
    assert service.room.mains


class PulledAdapter:
    is_plugged = True

    def plug(self) -> None:
        self.is_plugged = True

    def unplug(self) -> None:
        self.is_plugged = False


async def test_the_adapter_can_be_pulled_and_plugged(service, tmp_path):
    adapter = PulledAdapter()
    server = ControlServer(service, Host(), adapter)
    await server.start(f"unix:{tmp_path}/other.sock")
    async with client_of(tmp_path / "other.sock") as client:
        for plugged in (False, False, True, True):
            status, room = await call(client, "POST", "/adapter", {"plugged": plugged})
            assert (status, room["bus"]["plugged"], adapter.is_plugged) == (200, plugged, plugged)
    await server.stop()


async def test_without_an_adapter_there_is_nothing_to_pull(client):
    status, problem = await call(client, "POST", "/adapter", {"plugged": False})
    assert (status, problem["detail"]) == (422, "this room has no adapter to pull")


async def test_truth(client):
    assert len((await call(client, "GET", "/truth"))[1]["voltage_v"]) == 8


async def test_the_clock_is_told_at_once_or_when_it_changes(client):
    status, clock = await call(client, "GET", "/clock")
    assert status == 200
    assert clock == {"s0": 1_700_000_000.0, "m0": 100.0, "factor": 1.0, "version": 1}
    assert (await call(client, "GET", "/clock?after=0"))[1]["version"] == 1
    waiting = asyncio.create_task(call(client, "GET", "/clock?after=1"))
    await call(client, "GET", "/room")
    assert not waiting.done()
    await call(client, "POST", "/speed", {"factor": 600})
    changed = (await waiting)[1]
    assert (changed["factor"], changed["version"]) == (600.0, 2)


async def test_who_waits_for_the_clock_does_not_hold_up_the_end(client, server, tmp_path):
    waiting = asyncio.create_task(call(client, "GET", "/clock?after=1"))
    await call(client, "GET", "/room")
    async with asyncio.timeout(5):
        await server.stop()
        assert (await waiting)[1]["version"] == 1
    assert not (tmp_path / "room.sock").exists()


async def test_on_tcp(service):
    server = ControlServer(service, Host())
    await server.start("127.0.0.1:0")
    try:
        port = server._runner.addresses[0][1]
        async with aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await call(client, "GET", "/room"))[0] == 200
    finally:
        await server.stop()


@pytest.mark.parametrize("address", ["", "8080", "host:", "host:x", "host:70000", ":80"])
async def test_addresses_that_cannot_be(service, address):
    server = ControlServer(service, Host())
    with pytest.raises(ConfigError, match="unix:PATH or HOST:PORT"):
        await server.start(address)
    await server.stop()


async def test_a_directory_that_is_not_there(service, tmp_path):
    with pytest.raises(ConfigError, match="control interface unix:"):
        await ControlServer(service, Host()).start(f"unix:{tmp_path}/none/room.sock")


async def test_a_socket_left_by_a_killed_room_is_replaced(service, tmp_path):
    (tmp_path / "room.sock").touch()
    server = ControlServer(service, Host())
    await server.start(f"unix:{tmp_path}/room.sock")
    async with client_of(tmp_path / "room.sock") as client:
        assert (await call(client, "GET", "/room"))[0] == 200
    await server.stop()


async def test_a_scenario_that_comes_as_text_is_played(client):
    text = 'title = "Mine"\nlasts_s = 60\n[[step]]\nat_s = 0\nload_w = 5.0\n'
    status, room = await call(client, "POST", "/scenario", {"name": "mine", "toml": text})
    assert (status, room["scenario"]["title"], room["scenario"]["lasts_s"]) == (200, "Mine", 60.0)
    assert (await call(client, "POST", "/scenario", {"name": "mains_failure"}))[1]["mains"] is False
    await call(client, "DELETE", "/scenario")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "a scenario's name is needed"),
        ({"name": "mine", "toml": 3}, "as toml"),
        ({"name": "mine", "toml": "lasts_s = "}, "scenario mine: not TOML"),
        ({"name": "flood"}, "monthly_discharge_test"),
    ],
)
async def test_a_scenario_that_cannot_be_is_named(client, body, text):
    status, problem = await call(client, "POST", "/scenario", body)
    assert status == 422
    assert text in problem["detail"]
