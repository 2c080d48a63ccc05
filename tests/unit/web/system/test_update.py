"""The page Firmware Update and its calls."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fakes.packages import PUBLIC, VERSION, signed, wheel
from fakes.site import PASSWORD, USER, Bench, bench
from webmanager.settings.update_model import UpdateSettings
from webmanager.update.service import UpdateService
from webmanager.web.site.parts import Parts
from webmanager.web.system.changelog import changelog, history
from webmanager.web.system.update import PATH, UpdateAnswer

API = "/api/v1/update"


@pytest.fixture
def updates(tmp_path: Path) -> UpdateService:
    return UpdateService(tmp_path / "update", UpdateSettings, PUBLIC, "0.1.0", lambda: 1_790_000_000.0)


@pytest.fixture
async def device(updates: UpdateService) -> AsyncIterator[Bench]:
    async with bench(parts=Parts(update=updates)) as started:
        login = {"username": USER, "password": PASSWORD}
        await started.ask("POST", "/login", client=started.stranger, data=login)
        yield started


async def token(device: Bench) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await device.get(PATH, client=device.stranger))[1])
    assert found
    return found[1]


async def upload(device: Bench, path: Path, signature: str, csrf: str, name: str = "x.whl") -> tuple[int, Any, str]:
    form = aiohttp.FormData()
    form.add_field("csrf", csrf)
    form.add_field("signature", signature)
    body = await asyncio.to_thread(path.read_bytes)
    form.add_field("package", io.BytesIO(body), filename=name, content_type="application/zip")
    status, text, headers = await device.ask("POST", f"{PATH}/package", client=device.stranger, data=form)
    return status, text, headers.get("Location", "")


async def test_version_and_history_are_shown(device: Bench) -> None:
    _, text, _ = await device.get(PATH)
    assert "Version 0.1.0 runs" in text
    assert "the module bus" in text.lower()
    assert "No index of releases is set" in text


async def test_a_signed_package_is_verified_and_laid_out(device: Bench, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    name = '"><img src=x onerror=alert(1)>.whl'
    status, _, led = await upload(device, path, signed(path), await token(device), name)
    assert (status, led) == (303, f"{PATH}?done=staged")
    _, text, _ = await device.get(led, client=device.stranger)
    assert f"not yet installed: version {VERSION}" in text
    assert "pip install --no-index --no-deps" in text
    assert "onerror" not in text
    _, told, _ = await device.get(API)
    UpdateAnswer.model_validate(told)
    assert told["staged"]["version"] == VERSION
    assert (await device.ask("DELETE", f"{API}/package"))[0] == 204
    assert (await device.get(API))[1]["staged"] is None


async def test_a_crafted_one_is_refused_on_the_page(device: Bench, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    status, text, _ = await upload(device, path, "x" * 88, await token(device))
    assert status == 422
    assert "The signature is not by" in text or "the signature is not by" in text
    assert list((tmp_path / "update").iterdir()) == []


async def test_without_the_token_of_the_page_nothing_is_written(device: Bench, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    for csrf in ("", "guess"):
        assert (await upload(device, path, signed(path), csrf))[0] == 403
    assert not list((tmp_path / "update").glob("*"))


async def test_a_package_over_the_api(device: Bench, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    body = path.read_bytes()
    status, problem, _ = await device.ask("PUT", f"{API}/package", data=body)
    assert (status, "signature" in problem["detail"]) == (422, True)
    status, told, _ = await device.ask("PUT", f"{API}/package", params={"signature": signed(path)}, data=body)
    assert (status, told["staged"]["version"]) == (200, VERSION)


async def test_a_package_that_is_too_long_is_cut_off(
    device: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmanager.web.system.update.LARGEST_BYTES", 100)
    path = wheel(tmp_path)
    assert (await device.ask("PUT", f"{API}/package", data=path.read_bytes()))[0] == 413
    status, _, _ = await upload(device, path, signed(path), await token(device))
    assert status == 413
    assert list((tmp_path / "update").iterdir()) == []


async def test_an_index_that_is_not_set_is_said(device: Bench) -> None:
    status, problem, _ = await device.ask("POST", f"{API}/check")
    assert (status, problem["detail"][:15]) == (502, "no index is set")
    assert (await device.ask("POST", f"{API}/fetch"))[0] == 422
    data = {"csrf": await token(device), "action": "check"}
    status, text, _ = await device.ask("POST", PATH, client=device.stranger, data=data)
    assert status == 502
    assert "o index is set" in text


async def test_a_device_without_updates_shows_its_version() -> None:
    async with bench() as device:
        assert "Version 0.1.0 runs" in (await device.get(PATH))[1]
        assert (await device.get(API))[0] == 404


def test_the_history_is_read_from_the_changelog(tmp_path: Path) -> None:
    versions = history(changelog())
    assert versions[0].title.startswith("0.1.0")
    assert len(versions[0].changes) > 5
    assert all("`" not in change and "\n" not in change for change in versions[0].changes)
    assert history(tmp_path / "none.md") == []


async def test_the_pages_of_an_admin_lead_to_each_other_and_every_page_to_the_firmware(device: Bench) -> None:
    assert 'href="/update"' in (await device.get("/"))[1]
    for path in (PATH, "/settings/users"):
        _, text, _ = await device.get(path)
        assert 'href="/settings/certificate"' in text
        assert f'href="{path}" aria-current="page"' in text
