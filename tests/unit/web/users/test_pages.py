"""The page Users, by its forms and without scripts."""

import re
from collections.abc import AsyncIterator

import pytest

from fakes.site import PASSWORD, USER, Bench, basic, bench

LONG = "a long sentence"
PATH = "/settings/users"


@pytest.fixture
async def device() -> AsyncIterator[Bench]:
    """A device whose stranger is logged in with a cookie, as a browser is."""
    async with bench() as started:
        form = {"username": USER, "password": PASSWORD}
        assert (await started.ask("POST", "/login", client=started.stranger, data=form))[0] == 303
        yield started


async def page(device: Bench, query: str = "") -> str:
    status, text, _ = await device.get(PATH + query, client=device.stranger)
    assert status == 200
    return str(text)


async def send(device: Bench, action: str, **fields: str) -> tuple[int, str, str]:
    """Status, text and where it leads of a form of the page."""
    token = re.search(r'name="csrf" value="([^"]+)"', await page(device))
    assert token
    data = {"csrf": token[1], "action": action} | fields
    status, text, headers = await device.ask("POST", PATH, client=device.stranger, data=data)
    return status, text, headers.get("Location", "")


async def add(device: Bench, name: str = "kim", role: str = "operator") -> None:
    status, _, led = await send(device, "add", name=name, role=role, password=LONG)
    assert (status, led) == (303, f"{PATH}?done=added")


async def test_a_user_is_added_changed_and_deleted(device: Bench) -> None:
    await add(device)
    text = await page(device, "?done=added")
    assert "The user was added." in text
    assert "Delete kim for good" in text
    status, _, led = await send(device, "change", name="kim", role="viewer", password="")
    assert (status, led) == (303, f"{PATH}?done=changed")
    users = (await device.get("/api/v1/users"))[1]["users"]
    assert users[1] == {"name": "kim", "role": "viewer"}
    assert (await device.get("/api/v1/system", headers=basic("kim", LONG)))[0] == 200
    assert (await send(device, "change", name="kim", role="viewer", password="another sentence"))[0] == 303
    assert (await device.get("/api/v1/system", headers=basic("kim", LONG)))[0] == 401
    assert (await send(device, "delete", name="kim"))[2] == f"{PATH}?done=deleted"
    assert "kim" not in await page(device)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a:b"}, "1 to 32 letters, digits"),
        ({"name": "admin"}, "There is a user admin already."),
        ({"password": "short"}, "The new password has 5 characters"),
        ({"role": "king"}, "&#39;king&#39; is no role"),
    ],
)
async def test_what_cannot_be_stands_at_its_field_and_nothing_typed_is_lost(
    device: Bench, change: dict[str, str], said: str
) -> None:
    fields = {"name": "kim", "role": "operator", "password": LONG} | change
    status, text, _ = await send(device, "add", **fields)
    assert status == 422
    assert said in text
    assert text.count('aria-invalid="true"') == 1
    assert f'value="{fields["name"]}"' in text
    assert LONG not in text


async def test_the_form_of_a_user_stays_open_when_it_cannot_be(device: Bench) -> None:
    await add(device)
    await add(device, "lee")
    status, text, _ = await send(device, "change", name="kim", role="viewer", password="short")
    assert status == 422
    assert text.count("<details open>") == 1
    assert 'id="change-kim-password-said"' in text


async def test_nobody_locks_themselves_out_by_form_either(device: Bench) -> None:
    text = await page(device)
    assert "this is you" in text
    assert "Delete admin" not in text
    assert (await send(device, "delete", name="admin"))[0] == 422
    assert (await send(device, "change", name="admin", role="viewer", password=""))[0] == 422
    assert (await device.get("/api/v1/users"))[1]["users"] == [{"name": "admin", "role": "admin"}]


async def test_a_token_is_shown_once(device: Bench) -> None:
    status, text, _ = await send(device, "token", name="grafana", role="viewer", days="30")
    assert status == 200
    found = re.search(r'value="(wm_[\w-]{43})"', text)
    assert found
    assert found[1] not in await page(device)
    bearer = {"Authorization": f"Bearer {found[1]}"}
    assert (await device.get("/api/v1/system", headers=bearer))[0] == 200
    assert "grafana" in await page(device)
    id = re.search(r'name="id" value="(\w+)"><button type="submit" class="quiet small" aria-label="Revoke', text)
    assert id
    assert (await send(device, "revoke", id=id[1]))[2] == f"{PATH}?done=revoked"
    assert (await device.get("/api/v1/system", headers=bearer))[0] == 401


@pytest.mark.parametrize("days", ["0", "731", "-1", "1.5", "", "ten", "9" * 400])
async def test_days_that_cannot_be(device: Bench, days: str) -> None:
    status, text, _ = await send(device, "token", name="grafana", role="viewer", days=days)
    assert status == 422
    assert 'id="token-days-said"' in text


async def test_a_session_is_ended(device: Bench) -> None:
    secret, session = device.server.site.sessions.open(device.server.site.users.listed[0], "192.0.2.9")
    assert "192.0.2.9" in await page(device)
    assert (await send(device, "end", id=session.id))[2] == f"{PATH}?done=ended"
    assert device.server.site.sessions.find(secret) is None


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_only_an_admin_sees_it(device: Bench, role: str) -> None:
    await add(device, "kim", role)
    for method in ("GET", "POST"):
        status, _, _ = await device.ask(method, PATH, client=device.client, headers=basic("kim", LONG), data={})
        assert status == 403


async def test_a_form_without_the_token_of_the_page_does_nothing(device: Bench) -> None:
    data = {"action": "add", "name": "evil", "role": "admin", "password": LONG}
    for more in ({}, {"csrf": "guess"}):
        assert (await device.ask("POST", PATH, client=device.stranger, data=data | more))[0] == 403
    assert "evil" not in str((await device.get("/api/v1/users"))[1])


@pytest.mark.parametrize("fields", [{"action": "reboot"}, {"action": "revoke", "id": "x"}, {"action": "end", "id": ""}])
async def test_what_is_not_there_is_said(device: Bench, fields: dict[str, str]) -> None:
    assert (await send(device, **fields))[0] in {404, 422}


async def test_what_the_address_says_is_done_is_looked_up_and_never_shown(device: Bench) -> None:
    text = await page(device, "?done=<b>evil")
    assert "<b>evil" not in text
    assert "note done" not in text
