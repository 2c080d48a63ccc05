"""Another site makes a logged-in browser send something: refused, whatever the call."""

import pytest

from fakes.doors import LOGINS, OF_THE_BROWSER, changing
from fakes.site import PASSWORD, USER, Bench

FORM = {"action": "add", "name": "evil", "role": "admin", "password": "a long sentence"}


async def log_in(device: Bench) -> None:
    body = {"username": USER, "password": PASSWORD}
    assert (await device.ask("POST", "/api/v1/session", client=device.stranger, json=body))[0] == 204


async def names(device: Bench) -> list[str]:
    return [user["name"] for user in (await device.get("/api/v1/users"))[1]["users"]]


async def test_a_cookie_alone_changes_nothing(device: Bench) -> None:
    """Even from a browser so old that it tells neither Origin nor Sec-Fetch-Site."""
    await log_in(device)
    for method, path in changing(device):
        if (method, path) in LOGINS | OF_THE_BROWSER:
            continue
        for body in ({"json": FORM}, {"data": FORM}, {"data": FORM | {"csrf": "guess"}}):
            status, _, _ = await device.ask(method, path, client=device.stranger, **body)
            assert status in {403, 415}, (method, path, status)
    assert await names(device) == [USER]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_what_comes_from_another_site_changes_nothing_even_with_the_token(
    device: Bench, headers: dict[str, str]
) -> None:
    await log_in(device)
    csrf = (await device.get("/api/v1/session", client=device.stranger))[1]["csrf_token"]
    for method, path in changing(device):
        more = headers | {"X-CSRF-Token": csrf}
        for client in (device.stranger, device.client):
            status, _, _ = await device.ask(method, path, client=client, data=FORM | {"csrf": csrf}, headers=more)
            assert status == 403, (method, path, status)
    assert await names(device) == [USER]


async def test_our_own_page_changes_it(device: Bench) -> None:
    """The control."""
    await log_in(device)
    csrf = (await device.get("/api/v1/session", client=device.stranger))[1]["csrf_token"]
    headers = {"Origin": device.url, "Sec-Fetch-Site": "same-origin"}
    data = FORM | {"csrf": csrf}
    status, _, _ = await device.ask("POST", "/settings/users", client=device.stranger, data=data, headers=headers)
    assert status == 303
    assert await names(device) == [USER, "evil"]
