"""The pages of the settings on a real server, as a browser without scripts uses them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from fakes.site import Bench, bench
from webmanager.settings.desk import SettingsDesk, validated
from webmanager.web.accounts.roles import Role, User
from webmanager.web.settings.page_map import PAGES
from webmanager.web.site.parts import Parts

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}
LOG = {"type": "syslog", "name": "log", "host": "192.0.2.1"}
MADE_HERE = [page.slug for page in PAGES.values() if page.paths] + ["save", "history"]


class Site:
    """A device, its desk, and how often it was asked to restart."""

    def __init__(self, device: Bench, desk: SettingsDesk, restarts: list[bool]) -> None:
        self.device, self.desk, self.restarts = device, desk, restarts

    async def get(self, path: str) -> str:
        status, text, _ = await self.device.get(f"/settings{path}")
        assert status == 200, text
        return str(text)

    async def send(self, path: str, **more: str) -> tuple[int, str, str]:
        """Sends a form of ours: status, text, where it leads."""
        status, text, headers = await self.device.ask("POST", f"/settings{path}", data=more)
        return status, str(text), headers.get("Location", "")

    async def fields(self, path: str) -> dict[str, str]:
        """What a browser would send of the form as it is shown."""
        return fields_of(await self.get(path))


def fields_of(page: str) -> dict[str, str]:
    form = page[page.index('<form id="form"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            sent[name[1]] = value[1] if value else "on"
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S):
        sent[name] = text
    return sent


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    desk, restarts = SettingsDesk(validated({"notify": {"receivers": [MAIL, LOG]}})), []
    parts = Parts(settings=desk, restart=lambda: restarts.append(True))
    async with bench(parts=parts) as device:
        yield Site(device, desk, restarts)


@pytest.mark.parametrize("slug", MADE_HERE)
async def test_every_page_is_there_and_its_form_changes_nothing_as_it_stands(site: Site, slug: str) -> None:
    page = await site.get(f"/{slug}")
    assert 'aria-current="page"' in page
    assert "s3cret" not in page
    if PAGES[slug].paths:
        status, text, onward = await site.send(f"/{slug}", **fields_of(page))
        assert (status, onward) == (303, f"/settings/{slug}?done=0"), text
        assert site.desk.history() == ()


async def test_a_change_is_applied_told_undone_and_saved(site: Site) -> None:
    sent = await site.fields("/bacs") | {"scan.period_s": "3,5"}
    status, _, onward = await site.send("/bacs", **sent)
    assert (status, site.desk.applied.scan.period_s) == (303, 3.5)
    page = await site.get(onward.removeprefix("/settings"))
    assert "Applied: Scan period." in page
    assert "Applied, not saved: 1 change (Scan period)" in page
    number = re.search(r'name="number" value="(\d+)"', page)
    assert number
    _, _, onward = await site.send("/undo", number=number[1], next="bacs")
    assert "Undone: Scan period." in await site.get(onward.removeprefix("/settings"))
    assert site.desk.applied.scan.period_s == 2.0
    await site.send("/bacs", **(await site.fields("/bacs") | {"scan.period_s": "4"}))
    _, _, onward = await site.send("/save", do="save", next="bacs")
    assert "Configuration saved successfully." in await site.get(onward.removeprefix("/settings"))
    assert site.desk.saved.scan.period_s == 4.0


async def test_mistakes_stand_at_their_fields_and_nothing_typed_is_lost(site: Site) -> None:
    sent = await site.fields("/bacs") | {
        "scan.period_s": "70",
        "installation.name": "North <b>",
        "scan.ri_interval_h": "",
    }
    status, page, _ = await site.send("/bacs", **sent)
    assert status == 422
    assert '"scan.period_s-error"' in page
    assert "70 is above 60. Still in force: 2." in page
    assert "a value is expected" in page
    assert 'value="North &lt;b&gt;"' in page
    assert site.desk.history() == ()


async def test_receivers_are_added_changed_and_removed_without_scripts(site: Site) -> None:
    sent = await site.fields("/email")
    assert [key for key in sent if key.endswith(".was")] == ["notify.receivers.0.was"]
    _, page, _ = await site.send("/email", **sent, do="add:notify.receivers:mail")
    sent = fields_of(page) | {
        "notify.receivers.1.name": "crew",
        "notify.receivers.1.server": "m2.test",
        "notify.receivers.1.sender": "x@y.z",
        "notify.receivers.1.to": "one@x.y\ntwo@x.y",
        "notify.receivers.1.port": "70161",
    }
    status, page, _ = await site.send("/email", **sent)
    assert (status, '"notify.receivers.1.port-error"' in page) == (422, True)
    sent = fields_of(page) | {"notify.receivers.1.port": "25", "notify.receivers.0.name": "ops 2"}
    status, page, _ = await site.send("/email", **sent)
    assert status == 303, page
    names = [(receiver.name, receiver.type) for receiver in site.desk.applied.notify.receivers]
    assert names == [("ops 2", "mail"), ("log", "syslog"), ("crew", "mail")]
    assert site.desk.applied.notify.receivers[0].password.get_secret_value() == "s3cret"  # type: ignore[union-attr]
    _, page, _ = await site.send("/email", **await site.fields("/email"), do="remove:notify.receivers.0")
    await site.send("/email", **fields_of(page))
    assert [receiver.name for receiver in site.desk.applied.notify.receivers] == ["crew", "log"]


async def test_two_at_once_do_not_overwrite_each_other_unseen(site: Site) -> None:
    sent = await site.fields("/bacs") | {"scan.period_s": "3"}
    site.desk.apply("scan", {"period_s": 9}, "somebody", 1.0)
    status, page, _ = await site.send("/bacs", **sent)
    assert (status, site.desk.applied.scan.period_s) == (409, 9.0)
    assert "Somebody else has changed this page" in page
    assert (await site.send("/bacs", **fields_of(page)))[0] == 303
    assert site.desk.applied.scan.period_s == 3.0


async def test_save_exit_and_reboot(site: Site) -> None:
    await site.send("/network", **(await site.fields("/network") | {"network.http_port": "8099"}))
    assert "Save, Exit &amp; Reboot" in await site.get("/network")
    status, page, _ = await site.send("/save", do="reboot")
    assert (status, site.restarts, site.desk.unsaved()) == (200, [True], ())
    assert "Configuration saved successfully." in page
    assert "http://127.0.0.1:8099/" in page


async def test_discard_reset_and_what_is_no_order(site: Site) -> None:
    site.desk.apply("scan", {"period_s": 9}, "somebody", 1.0)
    assert "9" in await site.get("/save")
    assert (await site.send("/save", do="discard", next="//evil.test"))[2].startswith("/settings/save?")
    assert site.desk.applied.scan.period_s == 2.0
    assert (await site.send("/save", do="reset"))[0] == 422
    await site.send("/save", do="reset", sure="on")
    assert site.desk.applied.notify.receivers == ()
    assert (await site.send("/save", do="explode"))[0] == 422


async def test_a_file_is_taken_or_refused_with_its_text_kept(site: Site) -> None:
    assert (await site.send("/import", toml="[scan]\r\nperiod_s = 5\r\n"))[0] == 303
    assert site.desk.applied.scan.period_s == 5.0
    status, page, _ = await site.send("/import", toml="[scan]\nperiod_s = 500\n")
    assert (status, "scan.period_s: 500 is above 60" in page, "period_s = 500" in page) == (422, True, True)
    assert "period_s = 5.0" in await site.get("/export")


async def test_the_history_shows_rows_by_name_and_no_secret(site: Site) -> None:
    site.desk.apply("notify.receivers", [MAIL | {"port": 25, "password": "n3wer"}], "m.k", 1.0)
    page = await site.get("/history")
    assert "Receivers › ops › port" in page
    assert "Receivers › log" in page
    assert "by m.k" in page
    assert "n3wer" not in page
    assert (await site.send("/undo", number="77"))[0] == 422


@pytest.mark.parametrize(("path", "status"), [("/scan", 303), ("", 303), ("/nothing", 404), ("/passwd", 404)])
async def test_names_of_sections_lead_to_their_page(site: Site, path: str, status: int) -> None:
    assert (await site.device.get(f"/settings{path}"))[0] == status


async def test_who_moves_the_port_is_logged_in_there_too(site: Site) -> None:
    """Browsers keep one jar for all ports of a host, so that the name of the cookie has the port in it."""
    sessions, config = site.device.server.site.sessions, site.device.server.site.config
    site.desk.apply("network", {"http_port": 8081}, "admin", 1.0)
    secret, session = sessions.open(User("admin", Role.ADMIN))
    status, _, headers = await site.device.ask(
        "POST",
        "/settings/save",
        data={"do": "reboot", "csrf": session.csrf},
        cookies={config.session_cookie: secret},
        client=site.device.stranger,
    )
    assert status == 200
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"webmanager-8081={secret};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_only_admins_see_them_and_forms_need_the_token(site: Site) -> None:
    sessions, config = site.device.server.site.sessions, site.device.server.site.config
    for role, seen in ((Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.ADMIN, 200)):
        secret, _ = sessions.open(User("somebody", role))
        cookie: dict[str, Any] = {"cookies": {config.session_cookie: secret}, "client": site.device.stranger}
        status, page, _ = await site.device.get("/settings/network", **cookie)
        assert status == seen
        assert ('href="/settings/network"' in page) == (role is Role.ADMIN)
        assert (await site.device.ask("POST", "/settings/save", data={"do": "save"}, **cookie))[0] == 403
