"""The pages Alarms and Events as the server writes them: everything works with forms alone."""

import re
from typing import Any

import pytest

from fakes.alarm_site import AT, BEHIND_THE_CUT, LOW, AlarmSite, alarm_site
from fakes.events import event
from fakes.site import Bench
from webmanager.domain.events import Change
from webmanager.web.accounts.roles import Role, User


async def page(site: AlarmSite, path: str = "/alarms", **more: Any) -> str:
    status, text, _ = await site.device.get(path, **more)
    assert status == 200
    return str(text).replace("\u00a0", " ")


async def send(site: AlarmSite, path: str, **fields: str) -> tuple[int, str, str]:
    status, text, headers = await site.device.ask("POST", path, data=fields)
    return status, str(text), headers.get("Location", "")


def card(text: str, number: int) -> str:
    """The card of one alarm."""
    return text.split(f'id="a{number}"')[1].split('<li class="al"', maxsplit=1)[0]


async def test_nothing_is_open(alarmed: AlarmSite) -> None:
    text = await page(alarmed)
    assert "Nothing waits for an answer." in text
    assert "0 open, 0 not answered." in text
    assert 'data-open="0"' in text
    assert "<title>Alarms" in text


async def test_a_card_has_value_limit_advice_and_life_cycle(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    raised = next(one for one in alarmed.log.events if one.kind == "voltage_low")
    alarmed.log.deliver(raised)
    alarmed.log.deliver(raised, target="phone", result="failed", proof="no carrier", attempts=3)
    text = await page(alarmed)
    assert "<title>(2) Alarms" in text
    assert "2 open, 2 not answered." in text
    found = card(text, alarmed.number_of("voltage_low"))
    for said in (
        "voltage 12.60 V on float, under its limit of 12.72 V</h3>",
        "<dt>Value</dt><dd>12.60 V</dd>",
        "<dt>Limit</dt><dd>12.72 V</dd>",
        "Likely",
        '<li aria-current="step">Active</li>',
        "2 messages",
        "1 failed",
        "no carrier",
        "failed, attempt 3",
        "68 s",
    ):
        assert said in found, said
    assert "8: " in card(text, alarmed.number_of("bus_open"))
    assert text.index("Needs an answer") < text.index('<li class="al"')


async def test_pending_ones_wait_below_without_buttons(alarmed: AlarmSite) -> None:
    alarmed.device.batteries.low = {LOW: 12.60}
    alarmed.scan(3)
    text = await page(alarmed)
    assert "Shelved and pending" in text
    assert "not yet a warning: it must last 60 s" in text
    assert 'data-do="' not in text


async def test_the_forms_do_what_the_api_does(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    number = alarmed.number_of("voltage_low")
    assert await send(alarmed, f"/alarms/{number}/acknowledge") == (303, "", f"/alarms#a{number}")
    text = await page(alarmed)
    assert "Acknowledged, still there" in text
    assert "admin, 22:14:3" in card(text, number)
    await send(alarmed, f"/alarms/{number}/unacknowledge")
    await send(alarmed, f"/alarms/{number}/comment", text="<i>ordered</i>")
    assert "&lt;i&gt;ordered&lt;/i&gt;" in card(await page(alarmed), number)
    await send(alarmed, f"/alarms/{number}/shelve", for_s="3600")
    found = card(await page(alarmed), number)
    assert "<dt>Shelved until</dt><dd>23:14:3" in found
    assert '<li aria-current="step">Shelved</li>' in found
    await send(alarmed, f"/alarms/{number}/unshelve")
    changes = [one.change for one in alarmed.log.events if one.alarm == number]
    assert changes == [
        Change.RAISED,
        Change.ACKNOWLEDGED,
        Change.UNACKNOWLEDGED,
        Change.COMMENTED,
        Change.SHELVED,
        Change.UNSHELVED,
    ]


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/alarms/999/acknowledge", {}, 404, "alarm 999 is not open"),
        ("/alarms/{}/shelve", {}, 422, "Choose for how long"),
        ("/alarms/{}/shelve", {"for_s": "nan"}, 422, "from now to 24 h ahead"),
        ("/alarms/{}/comment", {"text": "  "}, 422, "1 to 500 characters"),
        ("/alarms/{}/explode", {}, 404, "no such page"),
        ("/alarms/x/acknowledge", {}, 404, "no such page"),
        ("/alarms/maintenance", {"for_s": "1e9"}, 422, "maintenance of"),
    ],
)
async def test_what_cannot_be_done_is_said_on_the_page(
    alarmed: AlarmSite, path: str, fields: dict[str, str], status: int, said: str
) -> None:
    alarmed.break_two()
    answered, text, _ = await send(alarmed, path.format(alarmed.number_of("voltage_low")), **fields)
    assert answered == status
    assert said in text


async def test_maintenance_begins_and_ends_with_a_form(alarmed: AlarmSite) -> None:
    assert (await send(alarmed, "/alarms/maintenance", for_s="1800"))[0] == 303
    assert "Maintenance until" in await page(alarmed)
    await send(alarmed, "/alarms/maintenance", for_s="0")
    assert "Maintenance until" not in await page(alarmed)


async def test_a_viewer_has_no_buttons_and_may_not(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    web = alarmed.device.server.site
    secret, session = web.sessions.open(User("guest", Role.VIEWER))
    guest = {"client": alarmed.device.stranger, "headers": {"Cookie": f"{web.config.session_cookie}={secret}"}}
    text = await page(alarmed, **guest)
    assert "S3-17" in text
    assert 'data-do="' not in text
    assert "/alarms/maintenance" not in text
    path = f"/alarms/{alarmed.number_of('bus_open')}/acknowledge"
    status, _, _ = await alarmed.device.ask("POST", path, data={"csrf": session.csrf}, **guest)
    assert (status, alarmed.desk.picture.unacknowledged) == (403, 2)


async def test_a_form_without_its_token_changes_nothing(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    web = alarmed.device.server.site
    secret, _ = web.sessions.open(User("admin", Role.ADMIN))
    headers = {"Cookie": f"{web.config.session_cookie}={secret}"}
    path = f"/alarms/{alarmed.number_of('bus_open')}/acknowledge"
    status, _, _ = await alarmed.device.ask("POST", path, data={}, client=alarmed.device.stranger, headers=headers)
    assert (status, alarmed.desk.picture.unacknowledged) == (403, 2)


async def test_the_load_and_the_newest_lines_stand_beside(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    text = await page(alarmed)
    assert re.search(r"<dt>Last 24 hours</dt><dd><b>2</b>", text)
    assert re.search(r"<dt>Grouped away in 24 h</dt><dd><b>7</b>", text)
    assert 'class="log"' in text


async def test_without_a_store_the_alarms_are_there_all_the_same() -> None:
    async with alarm_site(has_store=False) as site:
        site.break_two()
        text = await page(site)
        assert "The log cannot be read" in text
        assert len(re.findall('<li class="al"', text)) == 2
        assert "The log cannot be read" in await page(site, "/events")


async def test_times_are_those_of_the_zone_and_other_days_have_a_date(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    alarmed.device.clock.advance(2 * 86_400.0)
    found = card(await page(alarmed), alarmed.number_of("voltage_low"))
    assert ">14 Nov 22:13</time>" in found
    assert "2 d 0 h" in found


async def test_the_log_with_deliveries_and_filters(alarmed: AlarmSite) -> None:
    alarmed.log.take(event(1, at=AT))
    alarmed.log.take(event(2, kind="bus_open", alarm=8, at=AT + 60, affected=BEHIND_THE_CUT))
    alarmed.log.deliver(event(2, at=AT + 60))
    text = await page(alarmed, "/events")
    assert text.index("Bus cable open</small>") < text.index("Voltage high</small>")
    assert "250 OK" in text
    assert "2 events, newest first" in text
    assert "1 event, newest first" in await page(alarmed, "/events?kind=bus_open")
    assert "1 event, newest first" in await page(alarmed, "/events?from=2023-11-14T22:14")
    assert 'href="/api/v1/events.csv?kind=bus_open"' in await page(alarmed, "/events?kind=bus_open")
    assert "Nothing has happened that fits." in await page(alarmed, "/events?source=S1-1")


async def test_a_filter_that_cannot_be_says_which_field(alarmed: AlarmSite) -> None:
    status, text, _ = await alarmed.device.get("/events?from=yesterday&kind=bus_open")
    assert status == 422
    assert '<small class="err" id="e-from">' in text
    assert 'value="yesterday"' in text


async def test_a_long_log_goes_on(alarmed: AlarmSite) -> None:
    for number in range(250):
        alarmed.log.take(event(number + 1, at=AT + number))
    text = await page(alarmed, "/events?kind=voltage_high")
    older = re.search(r'href="(/events\?[^"]*to=[^"]*)"', text)
    assert older is not None
    assert "50 events, newest first" in await page(alarmed, older[1].replace("&amp;", "&"))


async def test_every_page_counts_what_is_open(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    for path in ("/", "/history", "/alarms", "/events"):
        assert re.search(r'<span class="alarm" data-n="2">', await page(alarmed, path)), path


async def test_a_device_without_limits_has_neither_page_nor_count(device: Bench) -> None:
    status, text, _ = await device.get("/alarms")
    assert (status, "has no alarms" in text) == (404, True)
    status, text, _ = await device.get("/")
    assert 'id="count"' not in text
    assert 'href="/alarms"' not in text
