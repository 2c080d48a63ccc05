"""What all pages have in common: theme, navigation, errors."""

import pytest

from fakes.elements import Elements
from fakes.site import Bench


async def test_the_theme_is_kept_in_a_cookie_and_written_by_the_server(device: Bench) -> None:
    _, page, _ = await device.get("/login", client=device.stranger)
    assert Elements(page).of("html") == [{"lang": "en", "data-zone": "UTC"}]
    status, _, headers = await device.ask(
        "POST", "/theme", client=device.stranger, data={"theme": "dark", "next": "/login"}
    )
    assert (status, headers["Location"]) == (303, "/")
    assert "theme=dark" in headers["Set-Cookie"]
    _, page, _ = await device.get("/login", client=device.stranger)
    assert Elements(page).of("html")[0]["data-theme"] == "dark"
    await device.ask("POST", "/theme", client=device.stranger, data={"theme": ""})
    _, page, _ = await device.get("/login", client=device.stranger)
    assert "data-theme" not in Elements(page).of("html")[0]


async def test_a_theme_that_is_none_is_refused_and_one_in_a_cookie_ignored(device: Bench) -> None:
    assert (await device.ask("POST", "/theme", data={"theme": 'x"><script>'}))[0] == 422
    _, page, _ = await device.get("/", headers={"Cookie": 'theme="><script>alert(1)</script>'})
    assert "alert(1)" not in page


async def test_only_pages_that_exist_are_in_the_navigation(device: Bench, device_with_room: Bench) -> None:
    _, page, _ = await device.get("/")
    assert [link["href"] for link in Elements(page).of("a") if "aria-current" in link] == ["/"]
    assert 'href="/room"' not in page
    assert "Simulation" not in page
    _, page, _ = await device_with_room.get("/")
    assert 'href="/room"' in page
    assert "Simulation" in page
    for link in {link["href"] for link in Elements(page).of("a")}:
        assert (link or "").startswith(("/", "#"))
        if not (link or "").startswith("#"):
            assert (await device_with_room.get(link or ""))[0] == 200, link


async def test_a_page_that_is_not_there(device: Bench) -> None:
    status, page, headers = await device.get("/<script>alert(1)</script>")
    assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<script>" not in page


async def test_a_broken_handler_is_500_without_details(
    device: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the code")

    monkeypatch.setattr("webmanager.web.status.page.status_view", broken)
    status, page, _ = await device.get("/")
    assert status == 500
    assert "secret of the code" not in page
    assert "secret of the code" in caplog.text
