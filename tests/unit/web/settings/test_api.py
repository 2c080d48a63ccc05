"""The settings API on a real server."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fakes.site import Bench, bench
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.section import HIDDEN
from webmanager.web.site.parts import Parts

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}
API = "/api/v1/settings"


@pytest_asyncio.fixture
async def device() -> AsyncIterator[Bench]:
    """A device with settings, which notes when it is asked to restart."""
    async with bench(parts=Parts(settings=SettingsDesk())) as started:
        yield started


def desk(device: Bench) -> SettingsDesk:
    settings = device.server.site.parts.settings
    assert settings is not None
    return settings


async def test_a_section_is_read_changed_and_saved(device: Bench) -> None:
    status, body, _ = await device.get(f"{API}/scan")
    assert (status, body["period_s"]) == (200, 2.0)
    status, body, _ = await device.ask("PUT", f"{API}/scan", json={"period_s": 3})
    assert (status, body["changed"], body["needs_restart"]) == (200, ["scan.period_s"], False)
    assert body["unsaved"] == ["scan.period_s"]
    status, body, _ = await device.ask("POST", f"{API}/save")
    assert (status, body["saved"], body["unsaved"]) == (200, ["scan.period_s"], [])
    assert desk(device).saved.scan.period_s == 3.0


async def test_a_restart_is_told_where_it_is_needed(device: Bench) -> None:
    _, body, _ = await device.ask("PUT", f"{API}/installation", json={"modules": 128})
    assert (body["needs_restart"], body["pending_restart"]) == (True, ["installation.modules"])


async def test_every_mistake_comes_with_its_field_and_nothing_changes(device: Bench) -> None:
    status, body, _ = await device.ask("PUT", f"{API}/scan", json={"period_s": 0, "colour": 1})
    assert status == 422
    assert body["errors"] == [
        {"field": "scan.period_s", "reason": "0 is below 0.5"},
        {"field": "scan.colour", "reason": "this key is not known"},
    ]
    assert (await device.get(API))[1]["unsaved"] == []


@pytest.mark.parametrize("body", [b"[]", b"3", b"null", b"{", b'"x"'])
async def test_what_is_no_table_is_refused(device: Bench, body: bytes) -> None:
    status, said, _ = await device.ask("PUT", f"{API}/scan", data=body, headers={"Content-Type": "application/json"})
    assert status in {400, 422}, said


async def test_secrets_are_hidden_and_kept_when_sent_back(device: Bench) -> None:
    await device.ask("PUT", f"{API}/notify", json={"receivers": [MAIL]})
    _, section, _ = await device.get(f"{API}/notify")
    assert section["receivers"][0]["password"] == HIDDEN
    section["receivers"][0]["port"] = 25
    assert (await device.ask("PUT", f"{API}/notify", json=section))[0] == 200
    kept = desk(device).applied.notify.receivers[0]
    assert (kept.port, kept.password.get_secret_value()) == (25, "s3cret")  # type: ignore[union-attr]
    for path in (f"{API}/notify", f"{API}/history", f"{API}/export"):
        assert "s3cret" not in str((await device.get(path))[1])


async def test_the_history_tells_and_undo_takes_back(device: Bench) -> None:
    await device.ask("PUT", f"{API}/scan", json={"period_s": 3})
    _, body, _ = await device.get(f"{API}/history")
    (change,) = body["changes"]
    assert (change["by"], change["what"]) == ("admin", "applied")
    assert change["fields"] == [{"path": "scan.period_s", "before": 2.0, "after": 3.0}]
    assert (await device.ask("POST", f"{API}/undo", json={"number": change["number"]}))[0] == 200
    assert desk(device).applied.scan.period_s == 2.0
    status, body, _ = await device.ask("POST", f"{API}/undo", json={"number": 77})
    assert (status, body["errors"][0]["field"]) == (422, "body")


async def test_discard_goes_back_to_what_is_saved(device: Bench) -> None:
    await device.ask("PUT", f"{API}/scan", json={"period_s": 3})
    status, body, _ = await device.ask("POST", f"{API}/discard")
    assert (status, body["changed"], body["unsaved"]) == (200, ["scan.period_s"], [])


async def test_a_file_goes_out_and_in_again(device: Bench) -> None:
    status, text, headers = await device.get(f"{API}/export")
    assert (status, headers["Content-Type"]) == (200, "application/toml; charset=utf-8")
    changed = text.replace("period_s = 2.0", "period_s = 5.0")
    status, body, _ = await device.ask("POST", f"{API}/import", json={"toml": changed})
    assert (status, body["changed"]) == (200, ["scan.period_s"])
    status, body, _ = await device.ask("POST", f"{API}/import", json={"toml": "[users]\nadmin = 1\n"})
    assert (status, body["errors"]) == (422, [{"field": "users", "reason": "there is no such section"}])


async def test_a_section_that_is_not_there_is_404(device: Bench) -> None:
    for method in ("GET", "PUT"):
        assert (await device.ask(method, f"{API}/passwd", json={}))[0] == 404


async def test_only_an_admin_may_read_or_change_them(device: Bench) -> None:
    assert (await device.ask("GET", f"{API}/scan", client=device.stranger))[0] == 401
    assert (await device.ask("POST", f"{API}/save", client=device.stranger))[0] == 401


async def test_a_restart_is_asked_for() -> None:
    asked: list[bool] = []
    async with bench(parts=Parts(settings=SettingsDesk(), restart=lambda: asked.append(True))) as device:
        assert (await device.ask("POST", "/api/v1/restart"))[0] == 204
    assert asked == [True]


async def test_without_the_parts_the_calls_say_so() -> None:
    async with bench() as device:
        assert (await device.get(API))[0] == 404
        assert (await device.ask("POST", "/api/v1/restart"))[0] == 404


async def test_a_disk_that_refuses_is_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    async with bench(parts=Parts(settings=SettingsDesk.open(tmp_path))) as device:
        monkeypatch.setattr(os, "fsync", full)
        await device.ask("PUT", f"{API}/scan", json={"period_s": 3})
        status, body, _ = await device.ask("POST", f"{API}/save")
        assert (status, "No space left" in body["detail"]) == (503, True)
        assert (await device.get(API))[1]["unsaved"] == ["scan.period_s"]
