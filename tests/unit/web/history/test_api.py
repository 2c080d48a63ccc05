"""Curves, files and archives over a real connection, and what is refused."""

import hashlib
import io
import itertools
import zipfile

import pytest

from fakes.board import FakeBatteries
from fakes.site import Bench, bench
from fakes.stored import BEYOND, DAY, ENDS_S, FAILING, GAP_S, FakeStore

CURVE = "/api/v1/history?address=5&quantity=voltage"


async def test_a_curve_has_equal_steps_and_its_extremes(device: Bench) -> None:
    status, curve, _ = await device.get(f"{CURVE}&points=100")
    assert status == 200
    assert (curve["address"], curve["name"], curve["quantity"], curve["unit"]) == (5, "S1-5", "voltage", "V")
    t = curve["t"]
    assert 0 < len(t) <= 100
    assert {later - former for former, later in itertools.pairwise(t)} == {curve["resolution_s"]}
    known = [row for row in zip(curve["min"], curve["mean"], curve["max"], strict=True) if row[1] is not None]
    assert known
    assert all(low <= mean <= high for low, mean, high in known)


async def test_the_current_of_a_string(device: Bench) -> None:
    status, curve, _ = await device.get("/api/v1/history?string=3&points=10")
    assert status == 200
    assert (curve["string"], curve["name"], curve["quantity"], curve["unit"]) == (3, "S3", "current", "A")
    assert "address" not in curve


async def test_there_is_null_in_a_gap_and_never_zero(device: Bench) -> None:
    _, curve, _ = await device.get(f"{CURVE}&from={GAP_S[0] - 600:.0f}&to={GAP_S[0] + 600:.0f}&points=20")
    assert curve["mean"][-1] is None
    assert curve["min"][-1] is None
    assert curve["max"][-1] is None
    assert curve["mean"][0] == pytest.approx(13.62, abs=0.1)


async def test_times_are_iso_or_seconds_and_default_to_all(device: Bench) -> None:
    await device.get(CURVE)
    await device.get(f"{CURVE}&from=2023-11-01T00:00:00Z&to=2023-11-02T01:00:00%2B01:00&points=7")
    await device.get(f"{CURVE}&from=2023-11-01T00:00:00&to=1698883200.5")
    asked = [(from_s, to_s, points) for _, from_s, to_s, points in device.store.asked]
    assert asked == [
        (None, None, 1000),
        (1698796800.0, 1698883200.0, 7),
        (1698796800.0, 1698883200.5, 1000),
    ]


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("", "address", "either"),
        ("?address=5&string=1", "address", "either"),
        ("?address=0", "address", "1 to 256"),
        ("?address=257", "address", "1 to 256"),
        ("?address=%D9%A5", "address", "1 to 256"),
        ("?string=9", "string", "1 to 8"),
        ("?string=1&quantity=voltage", "quantity", "current"),
        ("?address=5&quantity=current", "quantity", "voltage, temperature, ri, equalizing"),
        ("?address=5&points=0", "points", "1 to 100000"),
        ("?address=5&points=100001", "points", "1 to 100000"),
        ("?address=5&from=yesterday", "from", "ISO 8601"),
        ("?address=5&to=inf", "to", "ISO 8601"),
        ("?address=5&from=1e12", "from", "ISO 8601"),
        ("?address=5&from=200&to=100", "to", "after from"),
        ("?adress=5", "adress", "not known"),
    ],
)
async def test_what_cannot_be_is_refused_with_the_reason(device: Bench, query: str, field: str, said: str) -> None:
    status, problem, headers = await device.get(f"/api/v1/history{query}")
    assert status == 422
    assert headers["Content-Type"].startswith("application/problem+json")
    assert problem["errors"][0]["field"] == field
    assert said in problem["errors"][0]["reason"]
    assert device.store.asked == []


async def test_it_asks_for_a_login(device: Bench) -> None:
    for path in (CURVE, "/api/v1/storage", "/api/v1/files", f"/api/v1/files/{DAY}"):
        assert (await device.get(path, client=device.stranger))[0] == 401


async def test_files_are_listed_with_their_checksums(device: Bench) -> None:
    _, listed, _ = await device.get("/api/v1/files")
    for file in listed["files"]:
        _, text, headers = await device.get(f"/api/v1/files/{file['name']}")
        assert len(text.encode()) == file["bytes"]
        assert hashlib.sha256(text.encode()).hexdigest() == file["sha256"]
        assert headers["Content-Disposition"] == f'attachment; filename="{file["name"]}"'
        assert headers["Content-Type"].startswith("text/csv")
    assert listed["files"][0]["from"] == "2023-11-14T00:00:00.000Z"


async def test_a_checksum_not_yet_known_is_null(device: Bench) -> None:
    device.store.unread = (DAY,)
    _, listed, _ = await device.get("/api/v1/files")
    assert listed["files"][0]["sha256"] is None
    assert listed["files"][0]["bytes"] is None


async def test_a_decimal_comma_when_asked_for(device: Bench) -> None:
    _, text, _ = await device.get(f"/api/v1/files/{DAY}?decimal=comma")
    assert "13,620" in text
    assert (await device.get(f"/api/v1/files/{DAY}?decimal=colon"))[0] == 422


@pytest.mark.parametrize("name", ["nothing.csv", "..%2Fsettings.toml", "%2e%2e", "a%00b", ".hidden", "x" * 200])
async def test_a_file_that_is_not_there(device: Bench, name: str) -> None:
    assert (await device.get(f"/api/v1/files/{name}"))[0] == 404


async def test_an_archive_has_the_files_and_their_manifest(device: Bench) -> None:
    async with device.client.post(f"{device.url}/api/v1/files/archive", json={"names": [DAY, BEYOND]}) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/zip"
        assert ".zip" in answer.headers["Content-Disposition"]
        packed = await answer.read()
        assert int(answer.headers["Content-Length"]) == len(packed)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == [DAY, BEYOND, "MANIFEST.sha256"]
        lines = archive.read("MANIFEST.sha256").decode().splitlines()
        assert lines[0].split("  ") == [hashlib.sha256(archive.read(DAY)).hexdigest(), DAY]


@pytest.mark.parametrize(
    ("body", "expected"),
    [({"names": []}, 422), ({"names": ["nothing.csv"]}, 422), ({"names": ["../x"]}, 404), ({"name": [DAY]}, 422)],
)
async def test_an_archive_of_nothing_is_refused(device: Bench, body: dict[str, object], expected: int) -> None:
    status, problem, _ = await device.ask("POST", "/api/v1/files/archive", json=body)
    assert status == expected, problem


async def test_the_store_says_how_it_is(device: Bench) -> None:
    _, storage, _ = await device.get("/api/v1/storage")
    assert storage["state"] == "ok"
    assert storage["erases"] == {"least": 12, "mean": 21.3, "most": 30}
    assert [tier["name"] for tier in storage["tiers"]] == ["journal", "minutes", "hours", "days", "discharges"]
    _, system, _ = await device.get("/api/v1/system")
    assert system["store"] == {"state": "ok", "text": ""}


async def test_without_a_flash_the_device_goes_on_and_says_so() -> None:
    async with bench(store=FakeStore(state="absent", text="the disk is gone")) as device:
        assert (await device.get("/api/v1/system"))[1]["store"] == {"state": "absent", "text": "the disk is gone"}
        for path in (CURVE, "/api/v1/files", f"/api/v1/files/{DAY}"):
            status, problem, _ = await device.get(path)
            assert status == 503
            assert "the disk is gone" in problem["detail"]
        assert (await device.get("/api/v1/modules"))[0] == 200


async def test_a_device_without_a_store_has_none() -> None:
    async with bench(has_store=False) as device:
        assert (await device.get("/api/v1/system"))[1]["store"] is None
        assert (await device.get(CURVE))[0] == 503
        assert (await device.get("/api/v1/storage"))[0] == 503


async def test_a_failing_store_is_a_problem_of_the_store_only(device: Bench) -> None:
    device.store.broken = True
    status, problem, _ = await device.get(CURVE)
    assert status == 503
    assert "the flash does not answer" in problem["detail"]
    assert (await device.get("/api/v1/strings"))[0] == 200


async def test_the_failing_battery_of_the_fake_falls() -> None:
    async with bench(batteries=FakeBatteries()) as device:
        _, curve, _ = await device.get(f"/api/v1/history?address={FAILING}&from={ENDS_S - 86400:.0f}&points=5")
        assert curve["mean"][-1] < 13.1
