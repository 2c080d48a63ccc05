"""The pages as the server writes them: login, password, status, room, theme, errors."""

import re
from html.parser import HTMLParser

import pytest

from fakes.board import FakeBatteries
from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.engine.board import BusReport, BusState

FORM = {"username": USER, "password": PASSWORD}


class Elements(HTMLParser):
    """All elements of a page as (tag, attributes)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """Attributes of all elements of a tag that have these."""
        return [one for name, one in self.found if name == tag and attributes.items() <= one.items()]


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


async def test_the_status_page_shows_every_battery_with_its_look(device: Bench) -> None:
    status, page, headers = await device.get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    cells = Elements(page).of("span", role="gridcell")
    assert len(cells) == 256
    looks = {cell["id"]: cell["data-s"] for cell in cells}
    assert (looks["c217"], looks["c126"], looks["c70"], looks["c1"]) == ("silent", "stale", "implausible", "good")
    assert "8 of 256 batteries do not answer" in page
    assert "S7-25: no data, silent" in page
    assert "not complete" in page
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("quantity", ["voltage", "temperature", "ri", "equalizing", "nonsense"])
async def test_the_map_of_each_quantity(device: Bench, quantity: str) -> None:
    _, page, _ = await device.get(f"/?q={quantity}")
    checked = [one["value"] for one in Elements(page).of("input", name="q") if "checked" in one]
    assert checked == [quantity if quantity != "nonsense" else "voltage"]


async def test_the_table_without_scripts(device: Bench) -> None:
    _, page, _ = await device.get("/?view=table&b=S3-17")
    rows = re.findall(r'<tr data-a="(\d+)"', page)
    assert len(rows) == 256
    assert rows[:9] == ["217", "218", "219", "220", "221", "222", "223", "224", "70"]
    assert Elements(page).of("tr", **{"aria-selected": "true"})[0]["data-a"] == "81"
    _, page, _ = await device.get("/?view=table&show=abnormal")
    assert len(re.findall(r'<tr data-a="(\d+)"', page)) == 10


async def test_one_battery_without_scripts(device: Bench) -> None:
    _, page, _ = await device.get("/?b=S3-17")
    assert "C40, rev. 1.4" in page
    assert "Answers in every scan." in page
    assert Elements(page).of("aside", id="one")[0].keys() >= {"data-open"}
    _, page, _ = await device.get("/?b=<script>")
    assert "data-open" not in Elements(page).of("aside", id="one")[0]
    assert "<script>" not in page


async def test_before_the_first_scan_nothing_is_claimed() -> None:
    async with bench(scans=0) as device:
        _, page, _ = await device.get("/?b=S1-1")
        assert "The first scan is running." in page
        assert {cell["data-s"] for cell in Elements(page).of("span", role="gridcell")} == {"unknown"}
        assert (await device.get("/?view=table"))[0] == 200


async def test_a_dead_bus_is_the_first_thing_one_reads(device: Bench) -> None:
    device.board.report_bus(BusReport(BusState.DOWN, "COM3 is gone: <check> the adapter."))
    _, page, _ = await device.get("/")
    assert "COM3 is gone: &lt;check&gt; the adapter." in page
    assert Elements(page).of("section", id="verdict")[0]["data-look"] == "alarm"


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


async def test_the_room_page_lists_what_can_be_broken(device_with_room: Bench) -> None:
    _, page, _ = await device_with_room.get("/room")
    kinds = [option for option in Elements(page).of("option") if "data-target" in option]
    assert [kind["value"] for kind in kinds][:2] == ["soft_short", "module_silent"]
    assert {kind["data-target"] for kind in kinds} == {"address", "string", "charger", "address bus", "channel"}
    assert "Monthly discharge test" in page
    assert len(Elements(page).of("g")) >= 8


async def test_without_a_room_there_is_no_room_page(device: Bench) -> None:
    status, page, _ = await device.get("/room")
    assert status == 404
    assert "the batteries are real" in page


async def test_a_page_that_is_not_there(device: Bench) -> None:
    status, page, headers = await device.get("/<script>alert(1)</script>")
    assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<script>" not in page


async def test_a_broken_handler_is_500_without_details(
    device: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the code")

    monkeypatch.setattr("webmanager.web.pages.status_view", broken)
    status, page, _ = await device.get("/")
    assert status == 500
    assert "secret of the code" not in page
    assert "secret of the code" in caplog.text


@pytest.mark.parametrize("per_string", [(4, 1), (24, 2), (40, 1), (256, 1), (10, 10)])
async def test_every_shape_of_installation_has_its_map(per_string: tuple[int, int]) -> None:
    from webmanager.domain.installation import BlockType, Installation

    modules, strings = per_string
    async with bench(batteries=FakeBatteries(Installation(modules, strings, BlockType()))) as device:
        _, page, _ = await device.get("/")
        elements = Elements(page)
        assert len(elements.of("span", role="gridcell")) == modules
        rows = elements.of("div", role="row")
        columns = int(rows[0]["data-columns"] or 0)
        assert columns in {8, 16, 24, 32}
        assert len(rows) == strings * -(-(modules // strings) // columns)
