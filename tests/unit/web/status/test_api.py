"""The JSON API against a real server: keys, units, null for unknown, errors as problems."""

import gzip
import io
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from fakes.board import FakeBatteries, refused
from fakes.site import Bench, bench
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.board import BusReport, BusState

SYSTEM = {
    "model", "software_version", "serial", "mode", "uptime_s", "time", "time_source", "modules", "strings", "scan",
    "leds", "room",
}  # fmt: skip
MODULE = {
    "address", "name", "string", "position", "type", "revision", "voltage_v", "deviation_percent", "temperature_c",
    "ri_mohm", "equalizing_percent", "band", "reference_v", "state", "states", "quality", "age_s", "charges",
    "discharges",
}  # fmt: skip
STRING = {"string", "batteries", "current_a", "ripple_a", "voltage_v", "average_v", "spread_v", "state", "quality"}


async def test_system_tells_what_the_device_is(device: Bench) -> None:
    device.host.now_s += 12.5
    status, system, _ = await device.get("/api/v1/system")
    assert status == 200
    assert set(system) >= SYSTEM
    assert (system["modules"], system["strings"], system["serial"]) == (256, 8, "004127")
    assert system["uptime_s"] == 12.5
    assert system["room"] is False
    assert datetime.fromisoformat(system["time"]).timestamp() == device.clock.now()
    assert system["time"].endswith("Z")
    assert system["scan"] == {
        "number": 1,
        "started_at": "2023-11-14T22:13:20.828Z",
        "duration_s": 1.172,
        "period_s": 2.0,
        "modules_answered": 246,
        "errors": 0,
    }


async def test_modules_have_at_least_the_keys_that_may_not_drift(device: Bench) -> None:
    status, answer, _ = await device.get("/api/v1/modules")
    assert status == 200
    assert answer["snapshot"] == 1
    assert answer["taken_at"] == "2023-11-14T22:13:22.000Z"
    assert [module["address"] for module in answer["modules"]] == list(range(1, 257))
    assert all(set(module) >= MODULE for module in answer["modules"])
    qualities = [module["quality"] for module in answer["modules"]]
    assert {word: qualities.count(word) for word in set(qualities)} == {
        "good": 246,
        "silent": 8,
        "stale": 1,
        "implausible": 1,
    }


async def test_one_module_is_the_same_object(device: Bench) -> None:
    _, all_of_them, _ = await device.get("/api/v1/modules")
    _, one, _ = await device.get("/api/v1/modules/81")
    assert one == all_of_them | {"modules": [all_of_them["modules"][80]]}
    assert one["modules"][0]["name"] == "S3-17"


async def test_a_silent_module_has_null_values_and_never_zero(device: Bench) -> None:
    _, answer, _ = await device.get("/api/v1/modules/220")
    (module,) = answer["modules"]
    assert module["quality"] == "silent"
    unknown = ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent", "band")
    assert {key: module[key] for key in unknown} == dict.fromkeys(unknown)
    assert module["states"] == {"voltage": None, "temperature": None, "ri": None, "equalizing": None}
    assert module["age_s"] == 8040.0


@pytest.mark.parametrize("address", ["0", "257", "-1", "1.0", "x", "٣", "99999", "1%2f2"])
async def test_a_module_that_is_not_there_is_404_with_the_range(device: Bench, address: str) -> None:
    for path in (f"/api/v1/modules/{address}", f"/api/v1/modules/{address}/recent"):
        status, problem, headers = await device.get(path)
        assert status == 404
        assert headers["Content-Type"] == "application/problem+json"
        assert problem["title"] == "Not Found"


async def test_strings(device: Bench) -> None:
    _, answer, _ = await device.get("/api/v1/strings")
    assert [string["string"] for string in answer["strings"]] == list(range(1, 9))
    assert all(set(string) >= STRING for string in answer["strings"])
    assert answer["strings"][6]["quality"] == "incomplete"
    assert answer["strings"][6]["voltage_v"] is None
    assert answer["strings"][7]["voltage_v"] == pytest.approx(435.8, abs=1.0)


async def test_the_last_hour(device: Bench) -> None:
    for _ in range(12):
        device.clock.advance(8.0)
        device.publish()
        device.server.site.recent.add(device.board.snapshot)  # type: ignore[arg-type]
    _, recent, _ = await device.get("/api/v1/modules/1/recent")
    assert recent["name"] == "S1-1"
    assert recent["resolution_s"] == 10.0
    assert len(recent["t"]) == len(recent["voltage_v"]) == len(recent["temperature_c"]) == len(recent["ri_mohm"])
    assert None not in recent["voltage_v"]
    _, silent, _ = await device.get("/api/v1/modules/220/recent")
    assert set(silent["voltage_v"]) == {None}


async def test_before_the_first_scan_there_is_no_zero_anywhere() -> None:
    async with bench(scans=0) as device:
        _, answer, _ = await device.get("/api/v1/modules")
        assert answer["snapshot"] is answer["taken_at"] is None
        assert {module["voltage_v"] for module in answer["modules"]} == {None}
        _, answer, _ = await device.get("/api/v1/strings")
        assert answer["snapshot"] is answer["taken_at"] is None
        assert [string["voltage_v"] for string in answer["strings"]] == [None] * 8
        assert (await device.get("/api/v1/modules/1/recent"))[1]["t"] == []
        scan = (await device.get("/api/v1/system"))[1]["scan"]
        assert scan["number"] is scan["duration_s"] is scan["started_at"] is None


async def test_ready_with_the_first_scan() -> None:
    async with bench(scans=0) as device:
        assert (await device.get("/healthz", client=device.stranger))[:2] == (200, {"status": "ok"})
        status, problem, headers = await device.get("/readyz", client=device.stranger)
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")
        assert problem["detail"] == "The first scan is not complete."
        device.publish()
        assert (await device.get("/readyz", client=device.stranger))[:2] == (200, {"status": "ready"})


async def test_not_ready_says_why() -> None:
    async with bench(scans=0) as device:
        device.board.report_bus(BusReport(BusState.DOWN, "COM3 is gone"))
        status, problem, _ = await device.get("/readyz")
        assert (status, problem["detail"], problem["bus"]) == (503, "COM3 is gone", "down")
        device.publish()
        assert (await device.get("/readyz"))[0] == 200


async def test_mixed_revisions_are_told() -> None:
    async with bench(scans=0) as device:
        refused(device.board, {7: "9.9"})
        _, system, _ = await device.get("/api/v1/system")
        assert system["bus"]["state"] == "refused"
        assert system["bus"]["odd_revisions"] == {"7": "9.9"}
        _, answer, _ = await device.get("/api/v1/modules/7")
        assert answer["modules"][0]["state"] == "wrong_revision"


async def test_long_answers_are_packed_for_those_who_can_unpack(device: Bench) -> None:
    headers = device.client.headers
    async with aiohttp.ClientSession(headers=headers, auto_decompress=False) as raw:
        async with raw.get(device.url + "/api/v1/modules", headers={"Accept-Encoding": "gzip"}) as answer:
            packed = await answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(packed) < 20_000 < len(gzip.decompress(packed))
        async with raw.get(device.url + "/api/v1/modules", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers


async def test_head_is_answered_without_a_body(device: Bench) -> None:
    for path in ("/healthz", "/api/v1/system", "/"):
        status, text, _ = await device.ask("HEAD", path)
        assert (status, text or "") == (200, "")


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "/api/v1/system", {}, 405),
        ("DELETE", "/api/v1/modules", {}, 405),
        ("HEAD", "/api/v1/live", {}, 405),
        ("GET", "/api/v1/alarm", {}, 404),
        ("GET", "/api/v2/system", {}, 404),
        ("POST", "/api/v1/session", {"data": "x=1"}, 415),
        ("POST", "/api/v1/session", {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/api/v1/session", {"data": b"\xff", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/api/v1/session", {"json": []}, 422),
        ("POST", "/api/v1/session", {"json": {"username": "admin"}}, 422),
        ("POST", "/api/v1/session", {"json": {"username": 1, "password": "x"}}, 422),
        ("POST", "/api/v1/session", {"json": {"username": "a", "password": "b", "more": 1}}, 422),
        ("PUT", "/api/v1/password", {"json": {"old": None, "new": ""}}, 422),
        ("PUT", "/api/v1/password", {"json": {"old": "x" * 2000, "new": ""}}, 422),
        ("GET", "/api/v1/room", {}, 404),
        ("POST", "/api/v1/room/mains", {"json": {"on": True}}, 404),
    ],
)
async def test_errors_are_problems(device: Bench, method: str, path: str, more: dict[str, Any], status: int) -> None:
    answered, problem, headers = await device.ask(method, path, **more)
    assert answered == status
    assert headers["Content-Type"] == "application/problem+json"
    if method != "HEAD":
        assert {"type", "title", "status", "detail", "instance"} <= set(problem)
        assert problem["status"] == status


async def test_405_says_what_is_allowed(device: Bench) -> None:
    _, _, headers = await device.ask("PATCH", "/api/v1/session")
    assert set(headers["Allow"].split(",")) >= {"DELETE", "GET", "POST"}


async def test_a_long_body_is_413_and_read_no_further(device: Bench) -> None:
    data = io.BytesIO(b'{"username": "' + b"x" * (1024 * 1024) + b'"}')
    headers = {"Content-Type": "application/json"}
    status, problem, _ = await device.ask("POST", "/api/v1/session", data=data, headers=headers)
    assert (status, problem["detail"]) == (413, "the body is longer than 1048576 bytes")


async def test_422_lists_fields_and_never_the_secret(device: Bench) -> None:
    body = {"username": "admin", "password": "x" * 1025}
    _, problem, _ = await device.ask("POST", "/api/v1/session", json=body)
    assert problem["errors"][0]["field"] == "password"
    assert "xxx" not in str(problem)


async def test_another_installation() -> None:
    installation = Installation(12, 3, BlockType(2, 500.0, "OPzV"), "<Cellar & Co>")
    async with bench(batteries=FakeBatteries(installation)) as device:
        _, system, _ = await device.get("/api/v1/system")
        assert (system["modules"], system["strings"], system["block"]) == (12, 3, "2 V 500 Ah OPzV")
        _, page, _ = await device.get("/")
        assert "&lt;Cellar &amp; Co&gt;" in page
        assert 'id="c12"' in page
        assert 'id="c13"' not in page
