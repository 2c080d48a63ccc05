"""HTTPS beside HTTP: what is spoken, what is refused, and that half-open connections use nothing up."""

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.board import running_board
from fakes.secure_site import LOCAL, SecureBench, secure_bench
from fakes.site import PASSWORD, USER
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError
from webmanager.engine.clock import ManualClock
from webmanager.settings.certificates import CertificateStore
from webmanager.settings.security_model import SecuritySettings
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.config import WebConfig
from webmanager.web.server import WebServer
from webmanager.web.site.parts import Parts


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[SecureBench]:
    async with secure_bench(tmp_path / "tls") as started:
        yield started


async def hand(secure: SecureBench, context: ssl.SSLContext) -> str:
    """The protocol a client agrees on."""
    port = secure.device.server.https_port
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    spoken = str(writer.get_extra_info("ssl_object").version())
    writer.close()
    return spoken


def trusting(secure: SecureBench) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(secure.directory / "own.pem"))


async def test_everything_is_there_over_https(secure: SecureBench) -> None:
    for path in ("/healthz", "/api/v1/system", "/api/v1/modules", "/"):
        assert (await secure.ask("GET", path))[0] == 200
    async with secure.client.get(f"{secure.url}/api/v1/live") as stream:
        assert (await stream.content.readline()).startswith(b"event:") or stream.status == 200
    assert secure.device.server.url.startswith("https://127.0.0.1:")


async def test_a_login_over_https_gives_a_cookie_for_https_only(secure: SecureBench) -> None:
    login = {"username": USER, "password": PASSWORD}
    status, _, headers = await secure.ask("POST", "/api/v1/session", client=secure.stranger, json=login)
    assert status == 204
    assert "Secure" in headers["Set-Cookie"]
    assert (await secure.ask("GET", "/api/v1/session", client=secure.stranger))[0] == 200
    form = login | {"next": "/"}
    origin = {"Origin": secure.url}
    status, _, headers = await secure.ask("POST", "/login", client=secure.stranger, data=form, headers=origin)
    assert (status, "Secure" in headers["Set-Cookie"]) == (303, True)


async def test_only_new_versions_are_spoken(secure: SecureBench) -> None:
    assert await hand(secure, trusting(secure)) == "TLSv1.3"
    older = trusting(secure)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    assert await hand(secure, older) == "TLSv1.2"
    oldest = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    oldest.load_verify_locations(secure.directory / "own.pem")
    oldest.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        oldest.minimum_version = oldest.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await hand(secure, oldest)


async def test_a_new_certificate_is_used_by_the_next_connection(secure: SecureBench) -> None:
    before = ssl.get_server_certificate
    port = secure.device.server.https_port
    first = await asyncio.to_thread(before, ("127.0.0.1", port))
    other = CertificateStore(secure.directory.parent / "other", lambda: LOCAL, lambda: secure.device.clock.now())
    other._now = secure.store._now
    other.open()
    text = (secure.directory.parent / "other" / "own.pem").read_text()
    secure.store.replace(text, text)
    second = await asyncio.to_thread(before, ("127.0.0.1", port))
    assert first != second
    assert second.strip() in text


async def test_http_leads_to_https_and_takes_nothing(secure: SecureBench) -> None:
    device, port = secure.device, secure.device.server.https_port
    status, _, headers = await device.get("/history?b=S3-17", client=device.stranger)
    assert (status, headers["Location"]) == (308, f"https://127.0.0.1:{port}/history?b=S3-17")
    login = {"username": USER, "password": PASSWORD}
    for method, path in (("POST", "/login"), ("POST", "/api/v1/session"), ("GET", "/api/v1/system")):
        status, said, headers = await device.ask(method, path, client=device.stranger, data=login)
        assert status == 403
        assert "HTTPS only" in str(said)
        assert "Set-Cookie" not in headers
    assert (await device.get("/healthz", client=device.stranger))[0] == 200


async def test_without_the_redirect_both_are_there(tmp_path: Path) -> None:
    async with secure_bench(tmp_path / "tls", redirect=False) as secure:
        assert (await secure.device.get("/api/v1/system"))[0] == 200
        assert (await secure.ask("GET", "/api/v1/system"))[0] == 200


async def test_plain_text_on_the_port_of_https_ends_the_connection(secure: SecureBench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", secure.device.server.https_port)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    async with asyncio.timeout(10):
        assert not (await reader.read()).startswith(b"HTTP")
    writer.close()
    assert (await secure.ask("GET", "/healthz"))[0] == 200


async def test_who_never_shakes_hands_takes_a_place_and_no_more(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path, lambda: LOCAL, lambda: 1_790_000_000.0)
    board, _ = running_board()
    config = WebConfig(port=0, most_connections=4, security=SecuritySettings(https=True))
    server = WebServer(
        config,
        board,
        ManualClock(),
        keeper=MemoryStateKeeper(),
        parts=Parts(certificates=store),
        passwords=Passwords(passes=1, memory_kib=64),
    )
    await server.start()
    port = server.https_port
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
    async with asyncio.timeout(10):
        while True:  # the fifth is closed at once, when the four have been taken in
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                if await asyncio.wait_for(reader.read(), 1.0) == b"":
                    break
            except (TimeoutError, ConnectionError):
                pass
            finally:
                writer.close()
    for _, writer in idle:
        writer.close()
    context = ssl.create_default_context(cafile=str(tmp_path / "own.pem"))
    async with asyncio.timeout(10):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
                break
            except (OSError, ConnectionError):
                await asyncio.sleep(0.01)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(10):
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    await server.close()


async def test_a_port_of_https_that_is_taken_is_one_line_and_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        board, _ = running_board()
        config = WebConfig(port=0, https_port=port, security=SecuritySettings(https=True))
        store = CertificateStore(tmp_path, lambda: LOCAL, lambda: 1_790_000_000.0)
        server = WebServer(config, board, ManualClock(), keeper=MemoryStateKeeper(), parts=Parts(certificates=store))
        with pytest.raises(ConfigError, match=f"the web cannot listen on 127.0.0.1 port {port}"):
            await server.start()
        assert (server.port, server.https_port) == (0, 0)
