"""The front panel over HTTP: what it says, who may press what, and the forms without scripts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from fakes.panel import PanelStand
from fakes.site import Bench, basic, bench
from webmanager.domain.panel import LABELS, Dips, Phase
from webmanager.engine.notify_ports import Output
from webmanager.web.accounts.roles import Role, User
from webmanager.web.panel.answers import DipState, PanelAnswer
from webmanager.web.site.parts import Parts


class Restarts:
    """Counts how often somebody asked for a restart."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@asynccontextmanager
async def panel_device(restart: Any = None) -> AsyncIterator[tuple[Bench, PanelStand]]:
    stand = PanelStand()
    async with bench(parts=Parts(alarms=stand.alarms.desk, panel=stand.panel, restart=restart)) as device:
        yield device, stand


async def as_role(device: Bench, role: Role) -> aiohttp.ClientSession:
    """A browser that is logged in with a role."""
    site = device.server.site
    secret, session = site.sessions.open(User(f"a_{role.word}", role))
    cookies = {site.config.session_cookie: secret}
    jar = aiohttp.CookieJar(unsafe=True)
    return aiohttp.ClientSession(cookies=cookies, cookie_jar=jar, headers={"X-CSRF-Token": session.csrf})


async def test_the_panel_says_of_each_lamp_what_it_does_and_why() -> None:
    async with panel_device() as (device, _):
        status, panel, _headers = await device.get("/api/v1/panel")
    assert status == 200
    PanelAnswer.model_validate(panel)
    assert [lamp["key"] for lamp in panel["lamps"]] == list(LABELS)
    assert (panel["phase"], panel["mode"], panel["can_mute"]) == ("running", "normal", False)
    assert {one["output"]: one["on"] for one in panel["outputs"]}["relay1"] is False
    assert panel["dip"] == {
        "switch1": True,
        "switch2": False,
        "text": "1 on, 2 off: normal mode.",
        "mode_now": "normal",
        "mode_next": "normal",
        "waits": False,
        "fixed_by": "",
    }


async def test_reasons_come_in_the_language_asked_for() -> None:
    async with panel_device() as (device, _):
        _, panel, _headers = await device.get("/api/v1/panel?language=de")
    assert panel["lamps"][0]["why"] == "Das Gerät arbeitet."
    assert panel["lamps"][0]["light"] == "flashing", "keys are no words"


async def test_system_has_the_leds_and_the_mode_of_the_panel() -> None:
    async with panel_device() as (device, stand):
        _, system, _ = await device.get("/api/v1/system")
        assert system["mode"] == "normal"
        assert (system["leds"]["green"], system["leds"]["red"]) == ("flashing", "off")
        stand.panel.phase = Phase.REBOOTING
        _, system, _ = await device.get("/api/v1/system")
        assert (system["leds"]["green"], system["leds"]["red"]) == ("off", "on")


async def test_the_buzzer_is_silenced_once_and_the_log_says_by_whom() -> None:
    async with panel_device() as (device, stand):
        stand.alarm()
        _, panel, _ = await device.get("/api/v1/panel")
        assert panel["can_mute"] is True
        assert (await device.ask("POST", "/api/v1/panel/mute"))[0] == 204
        assert stand.output(Output.BUZZER).is_on is False
        status, problem, _ = await device.ask("POST", "/api/v1/panel/mute")
        assert (status, problem["detail"]) == (409, "the buzzer does not sound")
        assert (stand.alarms.events[-1].kind, stand.alarms.events[-1].by) == ("buzzer_silenced", "admin")


async def test_the_switches_wait_for_the_next_boot() -> None:
    async with panel_device() as (device, stand):
        status, dip, _ = await device.ask("PUT", "/api/v1/panel/dip", json={"switch1": False, "switch2": False})
        assert status == 200
        DipState.model_validate(dip)
        assert (dip["mode_now"], dip["mode_next"], dip["waits"]) == ("normal", "configuration", True)
        assert stand.keeper.load("dip") == {"one": False, "two": False}
        status, _, _ = await device.ask("PUT", "/api/v1/panel/dip", json={"switch1": 1, "switch2": False})
        assert status == 422


async def test_real_switches_cannot_be_moved_from_here() -> None:
    async with bench() as device:
        status, problem, _ = await device.ask("PUT", "/api/v1/panel/dip", json={"switch1": False, "switch2": False})
        assert (status, problem["detail"]) == (409, "the DIP switches cannot be moved here: this device has none")


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("POST", "/api/v1/panel/mute", Role.VIEWER, 403),
        ("POST", "/api/v1/panel/mute", Role.OPERATOR, 204),
        ("PUT", "/api/v1/panel/dip", Role.OPERATOR, 403),
        ("POST", "/panel/mute", Role.VIEWER, 403),
        ("POST", "/panel/dip", Role.OPERATOR, 403),
        ("POST", "/panel/restart", Role.OPERATOR, 403),
    ],
)
async def test_who_may_press_what(method: str, path: str, role: Role, status: int) -> None:
    restarts = Restarts()
    async with panel_device(restarts) as (device, stand):
        stand.alarm()
        async with await as_role(device, role) as client:
            body = {"json": {"switch1": False, "switch2": False}} if path.endswith("dip") else {}
            answered, _, _ = await device.ask(method, path, client=client, **body)
        assert answered == status
        assert stand.panel.look().dips == Dips()
    assert restarts.count == 0


async def test_strangers_see_no_panel() -> None:
    async with panel_device() as (device, _):
        assert (await device.ask("GET", "/api/v1/panel", client=device.stranger))[0] == 401
        assert (await device.ask("GET", "/panel", client=device.stranger))[0] == 303


async def test_the_page_shows_every_lamp_in_the_picture_and_in_words() -> None:
    async with panel_device() as (device, stand):
        stand.alarm()
        _, page, _ = await device.get("/panel")
    for key in LABELS:
        assert page.count(f'data-lamp="{key}"') == 1, key
        assert page.count(f'data-row="{key}"') == 1, key
    for output in Output:
        assert page.count(f'data-output="{output.value}"') == 1, output
    assert 'data-lamp="alarm" data-light="flashing"' in page
    assert "1 alarm is open, 1 is not acknowledged." in page


async def test_the_forms_work_without_scripts() -> None:
    restarts = Restarts()
    async with panel_device(restarts) as (device, stand):
        stand.alarm()
        async with await as_role(device, Role.ADMIN) as client:
            token = {"csrf": client.headers["X-CSRF-Token"]}
            status, _, headers = await device.ask("POST", "/panel/mute", client=client, data=token)
            assert (status, headers["Location"]) == (303, "/panel?done=muted")
            status, _, headers = await device.ask("POST", "/panel/dip", client=client, data=token | {"switch2": "on"})
            assert (status, headers["Location"]) == (303, "/panel?done=moved")
            assert stand.panel.look().dips == Dips(False, True)
            _, page, _ = await device.ask("GET", "/panel?done=moved", client=client)
            assert "They take effect at the next cold start." in page
            assert "This takes effect at the next cold start." in page
            assert (await device.ask("POST", "/panel/restart", client=client, data={"x": "y"}))[0] == 403
            assert restarts.count == 0
            status, page, _ = await device.ask("POST", "/panel/restart", client=client, data=token)
        assert (status, restarts.count) == (200, 1)
        assert 'data-lamp="red" data-light="on"' in page
        assert 'data-lamp="green" data-light="off"' in page
        assert stand.alarms.events[-1].kind == "restart"


async def test_a_device_that_cannot_restart_itself_offers_and_does_nothing() -> None:
    async with panel_device() as (device, _):
        _, page, _ = await device.get("/panel")
        assert "/panel/restart" not in page
        status, problem, _ = await device.ask("POST", "/panel/restart", data={"x": "y"})
        assert status == 404
        assert "cannot restart itself" in str(problem)


async def test_what_others_name_stays_text() -> None:
    stand = PanelStand()
    stand.notes.of("<img src=x>").switch(Output.RELAY_1, True)
    async with bench(parts=Parts(panel=stand.panel)) as device:
        _, page, _ = await device.get("/panel", headers=basic("admin", "cs121-snmp"))
    assert "&lt;img src=x&gt;" in page
    assert "<img" not in page
