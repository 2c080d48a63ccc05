"""Users, tokens and sessions over the API: what an admin may, what nobody may, and what the log says."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from fakes.event_log import FakeEventLog
from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.settings.desk import SettingsDesk
from webmanager.web.site.parts import Parts

LONG = "a long sentence"


@pytest.fixture
def events() -> FakeEventLog:
    return FakeEventLog()


@pytest.fixture
async def device(events: FakeEventLog) -> AsyncIterator[Bench]:
    async with bench(parts=Parts(alarms=events.desk())) as started:
        yield started


async def add(device: Bench, name: str, role: str = "viewer") -> None:
    status, _, _ = await device.ask("POST", "/api/v1/users", json={"name": name, "role": role, "password": LONG})
    assert status == 201


async def names(device: Bench) -> list[str]:
    return [user["name"] for user in (await device.get("/api/v1/users"))[1]["users"]]


async def cookie_of(device: Bench, client: aiohttp.ClientSession, name: str, password: str = LONG) -> str:
    body = {"username": name, "password": password}
    status, _, headers = await device.ask("POST", "/api/v1/session", client=client, json=body)
    assert status == 204
    return headers["X-CSRF-Token"]


async def test_a_user_is_added_and_may_what_the_role_allows(device: Bench) -> None:
    await add(device, "kim", "operator")
    assert await names(device) == ["admin", "kim"]
    headers = basic("kim", LONG)
    assert (await device.get("/api/v1/system", client=device.stranger, headers=headers))[0] == 200
    for method, path in (("GET", "/users"), ("POST", "/users"), ("GET", "/tokens"), ("GET", "/sessions")):
        status, problem, _ = await device.ask(method, f"/api/v1{path}", client=device.stranger, headers=headers)
        assert (status, problem["detail"]) == (403, "this needs the role admin: kim has operator")


async def test_a_new_user_does_not_hide_that_the_manuals_password_is_in_force(device: Bench) -> None:
    await add(device, "kim")
    assert device.server.site.users.default_in_force
    async with bench(keeper=device.keeper) as again:
        assert again.server.site.users.default_in_force
        await again.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": LONG})
        assert not again.server.site.users.default_in_force


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "admin"}, "name"),
        ({"name": "ADMIN"}, "name"),
        ({"name": "a:b"}, "name"),
        ({"name": "<script>"}, "name"),
        ({"name": "../etc"}, "name"),
        ({"name": ""}, "name"),
        ({"password": "short"}, "password"),
        ({"password": PASSWORD}, "password"),
        ({"role": "king"}, "role"),
    ],
)
async def test_a_user_that_cannot_be_is_422_with_its_field(device: Bench, change: dict[str, str], field: str) -> None:
    body = {"name": "kim", "role": "viewer", "password": LONG} | change
    status, problem, _ = await device.ask("POST", "/api/v1/users", json=body)
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert await names(device) == ["admin"]


async def test_there_is_a_most(device: Bench) -> None:
    for number in range(31):
        await add(device, f"u{number}")
    status, problem, _ = await device.ask(
        "POST", "/api/v1/users", json={"name": "more", "role": "viewer", "password": LONG}
    )
    assert status == 422
    assert "32 users" in problem["detail"]


async def test_nobody_locks_themselves_out(device: Bench) -> None:
    await add(device, "kim", "admin")
    for method, body in (("DELETE", None), ("PUT", {"role": "viewer"}), ("PUT", {"password": LONG})):
        status, _, _ = await device.ask(method, f"/api/v1/users/{USER}", json=body)
        assert status == 422
    assert await names(device) == ["admin", "kim"]


async def test_the_last_admin_stays(device: Bench) -> None:
    users = device.server.site.users
    for change in (users.delete("admin"), users.set_role("admin", users.listed[0].role.__class__.VIEWER)):
        with pytest.raises(Exception, match="no admin would be left"):
            await change
    assert await names(device) == ["admin"]


async def test_a_user_who_is_not_there_is_404(device: Bench) -> None:
    for method, body in (("DELETE", None), ("PUT", {"role": "viewer"})):
        assert (await device.ask(method, "/api/v1/users/nobody", json=body))[0] == 404


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"password": "another sentence"}, None])
async def test_a_change_ends_every_login_of_the_user(device: Bench, change: dict[str, str] | None) -> None:
    await add(device, "kim", "operator")
    assert (await device.get("/api/v1/system", client=device.stranger, headers=basic("kim", LONG)))[0] == 200
    await cookie_of(device, device.stranger, "kim")
    await device.ask("PUT" if change else "DELETE", "/api/v1/users/kim", json=change)
    assert (await device.get("/api/v1/system", client=device.stranger))[0] == 401
    status, _, _ = await device.get("/api/v1/system", client=device.stranger, headers=basic("kim", LONG))
    assert status == (200 if change == {"role": "viewer"} else 401)


async def test_a_change_that_cannot_be_changes_nothing(device: Bench) -> None:
    await add(device, "kim")
    status, _, _ = await device.ask("PUT", "/api/v1/users/kim", json={"role": "admin", "password": "short"})
    assert status == 422
    assert (await device.get("/api/v1/users"))[1]["users"][1] == {"name": "kim", "role": "viewer"}


async def test_a_token_opens_what_its_role_allows_and_makes_no_login(device: Bench) -> None:
    _, made, _ = await device.ask("POST", "/api/v1/tokens", json={"name": "t", "role": "admin", "days": 1})
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert (await device.get("/api/v1/users", client=device.stranger, headers=bearer))[0] == 200
    listed = (await device.get("/api/v1/tokens"))[1]["tokens"]
    assert made["token"] not in str(listed)
    assert listed[0]["used_at"] is not None
    user = {"name": "evil", "role": "admin", "password": LONG}
    token = {"name": "more", "role": "admin", "days": 1}
    for method, path, body in (
        ("POST", "/users", user),
        ("POST", "/tokens", token),
        ("DELETE", f"/tokens/{made['id']}", None),
        ("PUT", "/password", {"old": PASSWORD, "new": LONG}),
    ):
        status, problem, _ = await device.ask(
            method, f"/api/v1{path}", client=device.stranger, headers=bearer, json=body
        )
        assert status == 403
        assert "token does not suffice" in problem["detail"]
    assert (await device.ask("DELETE", f"/api/v1/tokens/{made['id']}"))[0] == 204
    assert (await device.ask("DELETE", f"/api/v1/tokens/{made['id']}"))[0] == 404
    status, problem, headers = await device.get("/api/v1/users", client=device.stranger, headers=bearer)
    assert (status, headers["Content-Type"]) == (401, "application/problem+json")


async def test_a_token_ends_with_its_owner(device: Bench) -> None:
    await add(device, "kim", "admin")
    _, made, _ = await device.ask(
        "POST",
        "/api/v1/tokens",
        client=device.stranger,
        headers=basic("kim", LONG),
        json={"name": "t", "role": "viewer", "days": 9},
    )
    assert made["owner"] == "kim"
    await device.ask("DELETE", "/api/v1/users/kim")
    assert (await device.get("/api/v1/tokens"))[1]["tokens"] == []


async def test_sessions_are_listed_without_their_secret_and_can_be_ended(device: Bench) -> None:
    await cookie_of(device, device.stranger, USER, PASSWORD)
    _, document, _ = await device.get("/api/v1/sessions")
    (session,) = document["sessions"]
    assert (session["user"], session["source"], session["own"]) == ("admin", "127.0.0.1", False)
    secret = next(entry.value for entry in device.stranger.cookie_jar)
    assert secret not in str(document)
    assert (await device.ask("DELETE", f"/api/v1/sessions/{session['id']}"))[0] == 204
    assert (await device.get("/api/v1/system", client=device.stranger))[0] == 401
    assert (await device.ask("DELETE", f"/api/v1/sessions/{session['id']}"))[0] == 404


async def test_a_change_of_settings_is_in_the_log_with_who_made_it(events: FakeEventLog) -> None:
    desk = SettingsDesk()
    async with bench(parts=Parts(alarms=events.desk(), settings=desk)) as device:
        assert (await device.ask("PUT", "/api/v1/settings/scan", json={"period_s": 5.0}))[0] == 200
        assert events.lines[-1][1:] == ("Settings changed: scan.period_s.", device.clock.now(), "admin")
    desk.apply("scan", {"period_s": 6.0}, "kim", 0.0)
    assert len(events.lines) == 1, "a server that is closed follows nothing"


async def test_the_log_says_who_did_what(device: Bench, events: FakeEventLog) -> None:
    await add(device, "kim")
    await device.ask("PUT", "/api/v1/users/kim", json={"role": "operator", "password": "another sentence"})
    await device.ask("DELETE", "/api/v1/users/kim")
    _, made, _ = await device.ask("POST", "/api/v1/tokens", json={"name": "t", "role": "viewer", "days": 9})
    await device.ask("DELETE", f"/api/v1/tokens/{made['id']}")
    await cookie_of(device, device.stranger, USER, PASSWORD)
    await device.get("/api/v1/system", client=device.stranger, headers=basic("admin", "a guess"))
    await device.ask("PUT", "/api/v1/password", json={"old": PASSWORD, "new": LONG})
    assert events.texts == [
        "User kim was added as viewer.",
        "User kim is operator now.",
        "User kim has a new password.",
        "User kim was deleted.",
        "API token t was made: viewer for 9 days.",
        "API token t of admin was revoked.",
        "admin logged in from 127.0.0.1.",
        "Wrong login as 'admin' from 127.0.0.1.",
        "admin has a new password.",
    ]
    assert {by for *_, by in events.lines} == {"admin"}
    for secret in (LONG, PASSWORD, "a guess", "another sentence", made["token"]):
        assert secret not in str(events.lines)
