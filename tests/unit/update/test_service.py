"""Updates: looked for at an index that cannot be trusted, verified, laid out, removed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from fakes.packages import PUBLIC, VERSION, signed, wheel
from webmanager.domain.errors import ConfigError, DeliveryError, RefusedError
from webmanager.settings.update_model import UpdateSettings
from webmanager.update import index
from webmanager.update.index import read_index
from webmanager.update.service import UpdateService

AT = 1_790_000_000.0


@dataclass
class Releases:
    """A server of releases whose answers a test can change."""

    folder: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    body: bytes | None = None
    status: int = 200
    location: str = ""
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def release(self, version: str = VERSION, **more: Any) -> Path:
        path = wheel(self.folder, version)
        row = {"version": version, "wheel": path.name, "bytes": path.stat().st_size, "signature": signed(path)}
        self.rows.append(row | more)
        return path

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": self.location})
        if request.path.endswith(".whl"):
            return web.Response(body=(self.folder / request.path.rpartition("/")[2]).read_bytes())
        return web.Response(body=self.body if self.body is not None else json.dumps({"releases": self.rows}).encode())


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Releases]:
    releases = Releases(folder)
    app = web.Application()
    app.router.add_get("/{name:.*}", releases.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    releases.url = f"http://127.0.0.1:{runner.addresses[0][1]}/firmware/index.json"
    yield releases
    await runner.cleanup()


@pytest.fixture
async def releases(tmp_path: Path) -> AsyncIterator[Releases]:
    (tmp_path / "server").mkdir()
    async with served(tmp_path / "server") as started:
        yield started


def service(tmp_path: Path, url: str = "", key: str = PUBLIC, **more: Any) -> UpdateService:
    settings = UpdateSettings(index_url=url, **({"allow_local": True} | more))
    return UpdateService(tmp_path / "update", lambda: settings, key, "0.1.0", lambda: AT)


async def test_the_newest_is_found_fetched_and_laid_out(tmp_path: Path, releases: Releases) -> None:
    for version in ("0.0.9", "9.0.0", VERSION, "0.2.0"):
        releases.release(version, notes="<b>better</b>")
    updates = service(tmp_path, releases.url)
    assert updates.last is None
    check = await updates.check()
    assert check.at == AT
    assert check.newer is not None
    assert check.newer.version == VERSION
    assert releases.asked == ["/firmware/index.json"]
    staged = await updates.fetch()
    assert staged.path.name == f"webmanager-{VERSION}-py3-none-any.whl"
    assert sorted(path.name for path in (tmp_path / "update").iterdir()) == [
        "staged.json",
        f"webmanager-{VERSION}-py3-none-any.whl",
    ]
    assert service(tmp_path).staged == staged
    await updates.discard()
    assert updates.staged is None
    assert list((tmp_path / "update").iterdir()) == []


async def test_no_newer_one(tmp_path: Path, releases: Releases) -> None:
    releases.release("0.1.0")
    updates = service(tmp_path, releases.url)
    assert (await updates.check()).newer is None
    with pytest.raises(ConfigError, match="look for a newer version first"):
        await updates.fetch()


async def test_a_package_that_is_not_accepted_leaves_nothing(tmp_path: Path, releases: Releases) -> None:
    path = releases.release()
    updates = service(tmp_path, releases.url)
    await updates.check()
    body = path.read_bytes()
    for given, reason in (
        (body[:-1] + b"x", "the signature"),
        (body[:-1], "ended after"),
        (body + b"x", "longer than the index says"),
    ):
        path.write_bytes(given)
        with pytest.raises((ConfigError, DeliveryError), match=reason):
            await updates.fetch()
        assert updates.staged is None
        assert list((tmp_path / "update").iterdir()) == []


async def test_a_former_package_is_replaced_only_by_an_accepted_one(tmp_path: Path) -> None:
    updates = service(tmp_path)
    for version in ("9.0.0", VERSION):
        path = wheel(tmp_path, version)
        incoming = updates.incoming()
        incoming.write_bytes(path.read_bytes())
        await updates.accept(incoming, signed(path))
        assert not incoming.exists()
    assert [path.name for path in (tmp_path / "update").glob("*.whl")] == [f"webmanager-{VERSION}-py3-none-any.whl"]
    incoming = updates.incoming()
    incoming.write_bytes(b"evil")
    with pytest.raises(ConfigError):
        await updates.accept(incoming, "x")
    assert updates.staged is not None
    assert updates.staged.version == VERSION


async def test_without_a_key_nothing_is_accepted(tmp_path: Path) -> None:
    for key in ("", "nonsense"):
        updates = service(tmp_path, key=key)
        assert "key" in updates.obstacle
        path = wheel(tmp_path)
        incoming = updates.incoming()
        incoming.write_bytes(path.read_bytes())
        with pytest.raises(ConfigError, match="key"):
            await updates.accept(incoming, signed(path))
    assert service(tmp_path).obstacle == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"releases": 3}',
        b"[" * 100_000,
        b"\xff",
        b'{"releases": "' + b"x" * 300_000 + b'"}',
    ],
)
async def test_an_index_that_is_none(tmp_path: Path, releases: Releases, body: bytes) -> None:
    releases.body = body
    with pytest.raises(DeliveryError, match="index is"):
        await service(tmp_path, releases.url).check()


@pytest.mark.parametrize(
    "change",
    [
        {"wheel": "../../evil.whl"},
        {"wheel": "http://192.0.2.7/webmanager-9.1.0-py3-none-any.whl"},
        {"wheel": "webmanager-9.2.0-py3-none-any.whl"},
        {"version": "9.1.0; reboot"},
        {"bytes": -1},
        {"bytes": 10**12},
        {"bytes": True},
        {"bytes": "5"},
        {"signature": "x"},
        {"signature": None},
    ],
)
def test_rows_that_cannot_be_are_left_out(change: dict[str, Any], tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    releases.release()
    assert len(read_index(json.dumps({"releases": releases.rows}).encode())) == 1
    assert read_index(json.dumps({"releases": [releases.rows[0] | change, 3, None]}).encode()) == []


async def test_redirects_and_errors_are_not_followed(tmp_path: Path, releases: Releases) -> None:
    for status in (302, 307, 404, 500):
        releases.status, releases.location = status, releases.url + "2"
        with pytest.raises(DeliveryError, match=f"HTTP {status}"):
            await service(tmp_path, releases.url).check()
    assert len(releases.asked) == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0"])
async def test_no_address_of_this_host_or_link_is_asked_unless_allowed(
    tmp_path: Path, releases: Releases, host: str
) -> None:
    url = releases.url.replace("127.0.0.1", host)
    with pytest.raises(RefusedError, match="allow_local is off"):
        await service(tmp_path, url, allow_local=False).check()
    assert releases.asked == []


async def test_a_server_that_is_silent_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(index, "INDEX_S", 0.2)
    server = await asyncio.start_server(lambda *_: asyncio.sleep(30), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    with pytest.raises(DeliveryError, match="does not answer in time"):
        await service(tmp_path, url).check()
    server.close()


async def test_without_an_index_nothing_is_asked(tmp_path: Path) -> None:
    updates = service(tmp_path)
    assert not updates.has_index
    with pytest.raises(DeliveryError, match="no index is set"):
        await updates.check()


@pytest.mark.parametrize("kept", ["", "[]", '{"version": "9"}', '{"file": "../../etc/passwd", "version": 1}'])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, kept: str) -> None:
    (tmp_path / "update").mkdir()
    (tmp_path / "update" / "staged.json").write_text(kept)
    assert service(tmp_path).staged is None


@pytest.mark.parametrize("url", ["file:///etc/passwd", "//x", "http://", "http://a:b@x/", "http://x/ y", "ftp://x/"])
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValidationError):
        UpdateSettings(index_url=url)
