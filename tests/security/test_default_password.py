"""The password of the manual, from the network: it opens the page that changes it and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fakes.doors import changing
from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.web.config import WebConfig

OPEN = {"/login", "/logout", "/password", "/theme", "/language", "/api/v1/password", "/api/v1/session"}


@pytest.fixture
async def device() -> AsyncIterator[Bench]:
    """A device that others can reach."""
    async with bench(WebConfig(bind="0.0.0.0")) as started:
        yield started


async def test_it_opens_no_page_and_no_call_but_its_own_change(device: Bench) -> None:
    runner = device.server._runner
    assert runner is not None
    tried = 0
    for route in runner.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path in OPEN | {"/healthz", "/readyz", "/api/v1/openapi.json"} or path.startswith("/static") or not path:
            continue
        if route.method != "GET":
            continue
        status, said, headers = await device.get(path.replace("{", "").replace("}", ""))
        tried += 1
        assert status in {303, 403}, path
        if status == 303:
            assert headers["Location"] == "/password", path
        assert "S1-1" not in str(said)
    assert tried > 15


async def test_it_changes_nothing_but_itself(device: Bench) -> None:
    for method, path in changing(device):
        if path not in OPEN:
            status, _, headers = await device.ask(method, path, json={})
            assert status in {303, 403}, (method, path)
            assert status == 403 or headers["Location"] == "/password"
    assert device.keeper.documents == {}


async def test_another_user_does_not_get_around_it(device: Bench) -> None:
    """Nor a token: as long as the manual's password opens the device, it is closed to all."""
    users = device.server.site.users
    await users.add("kim", users.listed[0].role, "a long sentence")
    secret, _ = await device.server.site.tokens.make("t", users.listed[0], users.listed[0].role, 9)
    for headers in (basic("kim", "a long sentence"), {"Authorization": f"Bearer {secret}"}):
        assert (await device.get("/api/v1/system", client=device.stranger, headers=headers))[0] == 403


async def test_by_another_address_of_this_host(device: Bench) -> None:
    """Not only told to be reachable: reached by an address that is not the usual one."""
    login = "Authorization: " + basic(USER, PASSWORD)["Authorization"]
    reader, writer = await asyncio.open_connection("127.0.0.2", device.server.port)
    writer.write(f"GET /api/v1/system HTTP/1.1\r\nHost: x\r\n{login}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"change the default password first" in answer


async def test_after_the_change_it_is_open_and_the_manuals_is_not(device: Bench) -> None:
    change = {"old": PASSWORD, "new": "a long sentence"}
    assert (await device.ask("PUT", "/api/v1/password", json=change))[0] == 204
    assert (await device.get("/api/v1/system"))[0] == 401
    device.host.now_s += 1000
    assert (await device.get("/api/v1/system", headers=basic(USER, "a long sentence")))[0] == 200
    back = {"old": "a long sentence", "new": PASSWORD}
    status, _, _ = await device.ask("PUT", "/api/v1/password", json=back, headers=basic(USER, "a long sentence"))
    assert status == 422
