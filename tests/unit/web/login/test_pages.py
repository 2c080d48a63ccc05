"""The pages of one's own login: in, out, and a new password."""

import pytest

from fakes.elements import Elements
from fakes.site import PASSWORD, USER, Bench, basic

FORM = {"username": USER, "password": PASSWORD}


async def log_in(device: Bench, **more: str) -> str:
    """Logs the stranger in by form and gives where it leads."""
    status, _, headers = await device.ask("POST", "/login", client=device.stranger, data=FORM | more)
    assert status == 303
    return headers["Location"]


async def token_of(device: Bench, path: str = "/password") -> str:
    _, page, _ = await device.get(path, client=device.stranger)
    return Elements(page).of("meta", name="csrf")[0]["content"] or ""


@pytest.mark.parametrize(
    ("path", "login"),
    [
        ("/", "/login"),
        ("/password", "/login?next=/password"),
        ("/?b=S3-17&q=ri", "/login?next=/?b%3DS3-17%26q%3Dri"),
        ("/room", "/login?next=/room"),
    ],
)
async def test_a_stranger_is_led_to_the_login(device: Bench, path: str, login: str) -> None:
    status, _, headers = await device.get(path, client=device.stranger)
    assert (status, headers["Location"]) == (303, login)


async def test_the_login_tells_which_device_this_is_and_nothing_else(device: Bench) -> None:
    status, page, _ = await device.get("/login", client=device.stranger)
    assert status == 200
    for known in ("UPS room north", "Building C, basement 2", "004127"):
        assert known in page
    for secret in ("silent", "batteries", "password of the manual", "cs121", "Simulation"):
        assert secret not in page


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/room", "/room"),
        ("/?b=S1-1", "/?b=S1-1"),
        ("", "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/login", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/" + "x" * 600, "/"),
    ],
)
async def test_after_the_login_one_goes_on_within_this_device_only(device: Bench, asked: str, led: str) -> None:
    assert await log_in(device, next=asked) == led
    _, _, headers = await device.get("/login", client=device.stranger, params={"next": asked})
    assert headers["Location"] == led


async def test_a_wrong_login_shows_the_form_again_with_the_name(device: Bench) -> None:
    wrong = {"username": "<b>me</b>", "password": "secret guess"}
    status, page, headers = await device.ask("POST", "/login", client=device.stranger, data=wrong)
    assert status == 401
    assert "Set-Cookie" not in headers
    assert "User or password is wrong; this was written to the log." in page
    assert "&lt;b&gt;me&lt;/b&gt;" in page
    assert "secret guess" not in page
    await device.ask("POST", "/login", client=device.stranger, data=wrong)
    _, page, _ = await device.ask("POST", "/login", client=device.stranger, data=wrong)
    assert "Next try in 1 s." in page
    status, page, headers = await device.ask("POST", "/login", client=device.stranger, data=FORM)
    assert (status, headers["Retry-After"]) == (429, "1")
    assert "too many wrong logins" in page


async def test_a_login_from_another_site_is_refused(device: Bench) -> None:
    headers = {"Origin": "http://evil.example"}
    status, _, answered = await device.ask("POST", "/login", client=device.stranger, data=FORM, headers=headers)
    assert status == 403
    assert "Set-Cookie" not in answered


async def test_forms_need_the_token_of_the_page(device: Bench) -> None:
    await log_in(device)
    for path in ("/logout", "/password"):
        status, _, _ = await device.ask("POST", path, client=device.stranger, data={"csrf": "guess"})
        assert status == 403
    status, _, headers = await device.ask(
        "POST", "/logout", client=device.stranger, data={"csrf": await token_of(device)}
    )
    assert (status, headers["Location"]) == (303, "/login")
    assert (await device.get("/", client=device.stranger))[0] == 303


async def test_a_password_is_changed_by_form(device: Bench) -> None:
    await log_in(device)
    form = {"csrf": await token_of(device), "old": PASSWORD, "new": "a better one", "again": "a better one"}
    status, _, headers = await device.ask("POST", "/password", client=device.stranger, data=form)
    assert (status, headers["Location"]) == (303, "/")
    assert (await device.get("/", client=device.stranger))[0] == 200
    assert (await device.get("/", headers=basic(USER, "a better one")))[0] == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"again": "another"}, "The two new passwords differ."),
        ({"old": "wrong"}, "The password in force is another one."),
        ({"new": "short", "again": "short"}, "The new password has 5 characters: 8 to 128 are allowed."),
    ],
)
async def test_a_password_that_cannot_be_shows_why_beside_its_field(
    device: Bench, change: dict[str, str], said: str
) -> None:
    await log_in(device)
    form = {"csrf": await token_of(device), "old": PASSWORD, "new": "a better one", "again": "a better one"} | change
    status, page, _ = await device.ask("POST", "/password", client=device.stranger, data=form)
    assert status == 422
    assert said in page
    assert Elements(page).of("input", **{"aria-invalid": "true"})
    assert "a better one" not in page


async def test_a_form_of_another_kind_is_415(device: Bench) -> None:
    assert (await device.ask("POST", "/login", client=device.stranger, json=FORM))[0] == 415
