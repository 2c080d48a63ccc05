"""Who asks and whether they may: HTTP Basic, session cookie, token, origin, the manual's password."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fakes.site import PASSWORD, USER, Bench, basic, bench
from fakes.state import MemoryStateKeeper
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.config import WebConfig

LOGIN = {"username": USER, "password": PASSWORD}
NEW = "correct horse battery"


@pytest.fixture
async def open_device() -> AsyncIterator[Bench]:
    """A device that others can reach, with the manual's password in force."""
    async with bench(WebConfig(bind="0.0.0.0")) as started:
        yield started


async def log_in(device: Bench, **body: str) -> str:
    """Logs the stranger in with a cookie and gives the token."""
    status, _, headers = await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN | body)
    assert status == 204
    return headers["X-CSRF-Token"]


def cookie(device: Bench) -> str:
    return next(entry.value for entry in device.stranger.cookie_jar if entry.key.startswith("webmanager-"))


@pytest.mark.parametrize(
    "path", ["/api/v1/system", "/api/v1/modules", "/api/v1/strings", "/api/v1/live", "/api/v1/room", "/api/v1/nothing"]
)
async def test_a_stranger_hears_401_as_a_problem_and_never_a_redirect(device: Bench, path: str) -> None:
    status, problem, headers = await device.get(path, client=device.stranger)
    assert status == 401
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["WWW-Authenticate"].startswith("Basic ")
    assert problem["status"] == 401


async def test_a_browser_gets_no_dialog(device: Bench) -> None:
    headers = {"Sec-Fetch-Mode": "cors"}
    _, _, answered = await device.get("/api/v1/system", client=device.stranger, headers=headers)
    assert not answered["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "Basic",
        "Basic ???",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + "A" * 5000,
    ],
)
async def test_what_is_no_login_is_401(device: Bench, header: str) -> None:
    status, _, _ = await device.get("/api/v1/system", client=device.stranger, headers={"Authorization": header})
    assert status == 401


async def test_basic_works_and_is_computed_once(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    inner = Passwords.matches

    async def matches(self: Passwords, stored: str, password: str) -> bool:
        counted.append(password)
        return await inner(self, stored, password)

    monkeypatch.setattr(Passwords, "matches", matches)
    for _ in range(3):
        assert (await device.get("/api/v1/system"))[0] == 200
    assert len(counted) == 1


async def test_the_cookie_is_for_this_site_only_and_not_for_scripts(device: Bench) -> None:
    _, _, headers = await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN)
    kept = headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Strict" in kept
    assert "Path=/" in kept
    assert "Secure" not in kept
    assert (await device.get("/api/v1/system", client=device.stranger))[0] == 200


async def test_behind_tls_the_cookie_is_secure() -> None:
    async with bench(WebConfig(tls=True)) as device:
        _, _, headers = await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN)
        assert "Secure" in headers["Set-Cookie"]


async def test_a_login_never_takes_over_a_session_that_was_there(device: Bench) -> None:
    await log_in(device)
    before = cookie(device)
    await log_in(device)
    assert cookie(device) != before
    assert device.server.site.sessions.find(before) is None


async def test_log_out_ends_the_session(device: Bench) -> None:
    await log_in(device)
    status, _, _ = await device.ask("DELETE", "/api/v1/session", client=device.stranger)
    assert status == 204
    assert (await device.get("/api/v1/system", client=device.stranger))[0] == 401


async def test_a_session_tells_who_it_is_and_its_token(device: Bench) -> None:
    token = await log_in(device)
    _, info, _ = await device.get("/api/v1/session", client=device.stranger)
    assert info == {"username": "admin", "role": "admin", "csrf_token": token, "default_password": True}
    _, info, _ = await device.get("/api/v1/session")
    assert info["csrf_token"] is None


async def test_an_unsafe_request_with_a_cookie_needs_the_token(device: Bench) -> None:
    token = await log_in(device)
    change = {"old": PASSWORD, "new": NEW}
    for headers in ({}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": "é"}):
        status, problem, _ = await device.ask(
            "PUT", "/api/v1/password", client=device.stranger, json=change, headers=headers
        )
        assert status == 403
        assert "X-CSRF-Token" in problem["detail"]
    status, _, headers = await device.ask(
        "PUT", "/api/v1/password", client=device.stranger, json=change, headers={"X-CSRF-Token": token}
    )
    assert status == 204
    assert headers["X-CSRF-Token"] != token


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_another_site_sends_is_refused(device: Bench, headers: dict[str, str]) -> None:
    token = await log_in(device)
    everything = headers | {"X-CSRF-Token": token}
    change = {"old": PASSWORD, "new": NEW}
    for client in (device.stranger, device.client):
        status, problem, _ = await device.ask("PUT", "/api/v1/password", client=client, json=change, headers=everything)
        assert status == 403
        assert "another site" in problem["detail"]
    assert (await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN, headers=headers))[0] == 403
    assert (await device.ask("DELETE", "/api/v1/session", client=device.stranger, headers=headers))[0] == 403


async def test_our_own_origin_is_fine(device: Bench) -> None:
    headers = {"Origin": device.url, "Sec-Fetch-Site": "same-origin"}
    assert (await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN, headers=headers))[0] == 204


async def test_wrong_logins_are_slowed_down_and_logged(device: Bench, caplog: pytest.LogCaptureFixture) -> None:
    statuses = []
    with caplog.at_level(logging.WARNING, "webmanager.web.auth"):
        for n in range(5):
            status, problem, headers = await device.get(
                "/api/v1/system", client=device.stranger, headers=basic("admin", f"guess {n}")
            )
            statuses.append(status)
    assert statuses == [401, 401, 401, 429, 429]
    assert headers["Retry-After"] == "1"
    assert problem["retry_after_s"] == 1
    assert len(caplog.records) == 3
    assert "guess" not in caplog.text
    device.host.now_s += 1.0
    assert (await device.get("/api/v1/system"))[0] == 200


async def test_while_one_waits_even_the_right_password_is_not_looked_at(device: Bench) -> None:
    for n in range(3):
        await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN | {"password": f"wrong {n}"})
    status, _, _ = await device.ask("POST", "/api/v1/session", client=device.stranger, json=LOGIN)
    assert status == 429
    device.host.now_s += 1.0
    await log_in(device)


async def test_many_guesses_at_the_same_time_are_no_way_around_the_pause(device: Bench) -> None:
    async def guess(n: int) -> int:
        return (await device.get("/api/v1/system", client=device.stranger, headers=basic("admin", f"guess {n}")))[0]

    statuses = await asyncio.gather(*(guess(n) for n in range(20)))
    assert statuses.count(401) <= 3
    assert set(statuses) <= {401, 429}


async def test_many_right_logins_at_the_same_time_all_come_in(device: Bench) -> None:
    async def ask() -> int:
        return (await device.get("/api/v1/system"))[0]

    assert set(await asyncio.gather(*(ask() for _ in range(20)))) == {200}


async def test_a_name_in_the_log_cannot_break_a_line(device: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "webmanager.web.auth"):
        body = {"username": "admin\nfake line " + "x" * 60, "password": "wrong"}
        await device.ask("POST", "/api/v1/session", client=device.stranger, json=body)
    assert "\n" not in caplog.records[0].getMessage()


async def test_a_new_password_ends_every_other_login(device: Bench) -> None:
    await log_in(device)
    status, _, _ = await device.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": NEW})
    assert status == 204
    assert (await device.get("/api/v1/system", client=device.stranger))[0] == 401
    assert (await device.get("/api/v1/system"))[0] == 401
    assert (await device.get("/api/v1/system", client=device.stranger, headers=basic(USER, NEW)))[0] == 200
    assert device.keeper.documents["users"]["users"][0]["name"] == USER  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"old": "wrong", "new": NEW}, "old"),
        ({"old": PASSWORD, "new": "short"}, "new"),
        ({"old": PASSWORD, "new": PASSWORD}, "new"),
    ],
)
async def test_a_new_password_that_cannot_be_is_422_with_its_field(
    device: Bench, body: dict[str, str], field: str
) -> None:
    status, problem, _ = await device.ask("PUT", "/api/v1/password", json=body)
    assert status == 422
    assert problem["errors"][0]["field"] == field
    assert device.keeper.documents == {}


async def test_guessing_the_old_password_is_slowed_down_too(device: Bench) -> None:
    statuses = [
        (await device.ask("PUT", "/api/v1/password", json={"old": f"guess {n}", "new": NEW}))[0] for n in range(5)
    ]
    assert statuses == [422, 422, 422, 429, 429]


async def test_a_device_others_can_reach_shows_nothing_before_the_password_is_changed(open_device: Bench) -> None:
    for path in ("/api/v1/system", "/api/v1/modules", "/api/v1/live", "/api/v1/room"):
        status, problem, _ = await open_device.get(path)
        assert status == 403
        assert problem["detail"] == "change the default password first"
    for path in ("/", "/room"):
        status, _, headers = await open_device.get(path)
        assert (status, headers["Location"]) == (303, "/password")
    assert (await open_device.get("/healthz"))[0] == 200
    status, page, _ = await open_device.get("/password")
    assert status == 200
    assert "S1-1" not in page
    assert 'aria-label="Pages"' not in page


async def test_after_the_change_it_is_open(open_device: Bench) -> None:
    status, _, _ = await open_device.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": NEW})
    assert status == 204
    assert (await open_device.get("/api/v1/system", client=open_device.stranger, headers=basic(USER, NEW)))[0] == 200


async def test_on_loopback_the_web_says_that_the_manuals_password_is_in_force(device: Bench) -> None:
    assert "The password of the manual is still in force" in (await device.get("/"))[1]
    assert (await device.get("/api/v1/system"))[1]["default_password"] is True
    await device.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": NEW})
    assert "password of the manual" not in (await device.get("/", headers=basic(USER, NEW)))[1]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 201), ("admin", 201)])
async def test_the_hand_in_the_room_needs_an_operator(fake_room: Any, role: str, status: int) -> None:
    passwords = Passwords(passes=1, memory_kib=64)
    keeper = MemoryStateKeeper()
    stored = await passwords.hash("a secret of three")
    keeper.documents["users"] = {"version": 1, "users": [{"name": "u", "role": role, "hash": stored}]}
    async with bench(keeper=keeper, room=fake_room[1]) as device:
        headers = basic("u", "a secret of three")
        fault = {"kind": "module_silent", "address": 3}
        answered, problem, _ = await device.ask("POST", "/api/v1/room/faults", json=fault, headers=headers)
        assert answered == status
        if status == 403:
            assert problem["detail"] == "this needs the role operator: u has viewer"
        assert (await device.get("/api/v1/room", headers=headers))[0] == 200
        page = (await device.get("/room", headers=headers))[1]
        assert ('id="newfault"' in page) is (status == 201)
    passwords.close()
