"""A session the attacker has prepared is never the one the victim logs in with."""

import pytest

from fakes.site import PASSWORD, USER, Bench
from webmanager.web.accounts.roles import Role, User

LOGIN = {"username": USER, "password": PASSWORD}


def secret_of(headers: dict[str, str], device: Bench) -> str:
    name = device.server.site.config.session_cookie
    return headers["Set-Cookie"].removeprefix(f"{name}=").partition(";")[0]


@pytest.mark.parametrize("by_form", [True, False])
async def test_a_secret_that_was_brought_along_opens_nothing(device: Bench, by_form: bool) -> None:
    cookie = device.server.site.config.session_cookie
    prepared = {"Cookie": f"{cookie}=chosen-by-the-attacker"}
    path, body = ("/login", {"data": LOGIN}) if by_form else ("/api/v1/session", {"json": LOGIN})
    _, _, headers = await device.ask("POST", path, client=device.stranger, headers=prepared, **body)
    assert secret_of(headers, device) not in {"", "chosen-by-the-attacker"}
    device.stranger.cookie_jar.clear()
    assert (await device.get("/api/v1/system", client=device.stranger, headers=prepared))[0] == 401


async def test_a_living_session_of_the_attacker_is_not_raised_to_the_victims(device: Bench) -> None:
    sessions = device.server.site.sessions
    secret, _ = sessions.open(User("guest", Role.VIEWER))
    prepared = {"Cookie": f"{device.server.site.config.session_cookie}={secret}"}
    _, _, headers = await device.ask("POST", "/login", client=device.stranger, headers=prepared, data=LOGIN)
    assert secret_of(headers, device) != secret
    assert sessions.find(secret) is None


async def test_a_secret_in_the_address_is_not_looked_at(device: Bench) -> None:
    secret, _ = device.server.site.sessions.open(User(USER, Role.ADMIN))
    name = device.server.site.config.session_cookie
    assert (await device.get(f"/api/v1/system?{name}={secret}", client=device.stranger))[0] == 401


async def test_log_out_and_a_new_password_end_the_session_on_the_device(device: Bench) -> None:
    _, _, headers = await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN)
    stolen = secret_of(headers, device)
    await device.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": "a long sentence"})
    assert device.server.site.sessions.find(stolen) is None
