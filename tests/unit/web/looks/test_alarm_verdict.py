"""Open alarms in the first line of the status page, on the map, and beside the faults of the room."""

import numpy as np

from fakes.alarm_site import BEHIND_THE_CUT, LOW, AlarmSite
from webmanager.domain.alarm_picture import ModuleStates
from webmanager.domain.events import Severity
from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.web.live.feed import document
from webmanager.web.looks.alarm_verdict import headline, most_urgent
from webmanager.web.looks.judge import Look, looks, shown
from webmanager.web.looks.picture import module_objects
from webmanager.web.looks.verdict import Verdict, verdict
from webmanager.web.room.seen import seen_by_device
from webmanager.web.status.page import status_view


def said(site: AlarmSite) -> Verdict:
    web = site.device.server.site
    spoken = verdict(web.board, web.moment(), web.alarms)
    return Verdict(spoken.look, spoken.text.replace("\u00a0", " "), spoken.name, spoken.news)


async def test_a_healthy_room_is_told_as_before(alarmed: AlarmSite) -> None:
    assert said(alarmed) == Verdict(Look.GOOD, "All 256 batteries answer.")


async def test_alarms_come_first_with_the_most_urgent_and_how_long(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    spoken = said(alarmed)
    assert spoken.look is Look.ALARM
    assert spoken.text == (
        "2 alarms. Most urgent: S3-17 voltage 12.60 V on float, under its limit of 12.72 V, for 68 s."
    )
    assert spoken.news == "2 alarms. Most urgent: S3-17 voltage 12.60 V on float, under its limit of 12.72 V."
    assert spoken.name == "S3-17"


async def test_what_waits_for_an_answer_is_more_urgent_than_what_has_one(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    alarmed.desk.acknowledge(alarmed.number_of("voltage_low"), "kern", alarmed.device.clock.now())
    assert most_urgent(alarmed.desk.picture).kind == "bus_open"
    assert said(alarmed).name == "S7-25"


async def test_silence_that_no_alarm_speaks_of_yet_is_told_beside_it(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    alarmed.device.batteries.silent = (*BEHIND_THE_CUT, 5)
    alarmed.scan()
    assert said(alarmed).text.endswith("1 of 256 batteries does not answer: S1-5, for 2 h 14 min.")


async def test_a_discharge_stays_told(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    alarmed.device.batteries.discharging = (1,)
    alarmed.scan()
    assert said(alarmed).text.endswith("1 of 8 strings is discharging.")


async def test_a_headline_has_no_date(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    assert {headline(alarm) for alarm in alarmed.desk.picture.alarms} == {
        "S3-17 voltage 12.60 V on float, under its limit of 12.72 V",
        "Bus cable open behind S7-24 (8 modules silent)",
    }


async def test_the_counts_speak_german(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    with speaking(tongue("de")):
        assert said(alarmed).text.startswith("2 Alarme. Am dringendsten: ")


async def test_cells_carry_what_their_quantity_shows(alarmed: AlarmSite) -> None:
    alarmed.device.batteries.low = {LOW: 12.60}
    alarmed.scan(2)
    web = alarmed.device.server.site
    data = document(web.board, web.clock, web.alarms)
    assert data["modules"]["looks"]["voltage"][LOW - 1] == str(int(Look.PENDING))
    alarmed.break_two()
    data = document(web.board, web.clock, web.alarms)
    seen = data["modules"]["looks"]
    assert (seen["voltage"][LOW - 1], seen["temperature"][LOW - 1]) == (str(int(Look.ALARM)), str(int(Look.GOOD)))
    assert {seen[key][BEHIND_THE_CUT[0] - 1] for key in seen} == {str(int(Look.SILENT))}
    assert (data["alarms"]["alarm"], data["alarms"]["unacknowledged"]) == (2, 2)


async def test_the_api_carries_the_states(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    web = alarmed.device.server.site
    modules = module_objects(web.board, web.moment(), web.alarms)
    low, behind, healthy = modules[LOW - 1], modules[BEHIND_THE_CUT[0] - 1], modules[0]
    assert (low["state"], low["states"]["voltage"], low["states"]["ri"]) == ("alarm", "alarm", "ok")
    assert [one["severity"] for one in low["alarms"]] == ["alarm"]
    assert behind["states"] == {"voltage": None, "temperature": None, "ri": None, "equalizing": None}
    assert behind["alarms"][0]["text"].startswith("Bus cable open behind S7-24")
    assert (healthy["state"], healthy["alarms"]) == ("ok", [])


async def test_an_open_alarm_stays_one_when_its_module_falls_silent(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    alarmed.device.batteries.silent = (*BEHIND_THE_CUT, LOW)
    alarmed.scan(2)
    web = alarmed.device.server.site
    low = module_objects(web.board, web.moment(), web.alarms)[LOW - 1]
    assert (low["voltage_v"], low["states"]["voltage"], low["states"]["temperature"]) == (None, "alarm", None)
    data = document(web.board, web.clock, web.alarms)
    assert data["modules"]["looks"]["voltage"][LOW - 1] == str(int(Look.ALARM))


async def test_every_level_has_its_look(alarmed: AlarmSite) -> None:
    snapshot = alarmed.device.board.snapshot
    assert snapshot is not None
    levels = np.zeros(256, np.int8)
    levels[:5] = range(5)
    none = np.zeros(256, np.int8)
    states = ModuleStates(levels, none, none, none, levels, levels)
    seen = looks(snapshot, shown(snapshot), states)
    expected = [Look.GOOD, Look.PENDING, Look.NOTICE, Look.WARNING, Look.ALARM]
    assert seen["voltage"][:5].tolist() == seen["module"][:5].tolist() == expected
    assert set(seen["ri"].tolist()) == {Look.GOOD}


async def test_the_panel_of_a_battery_says_what_to_do(alarmed: AlarmSite, shell_of_nobody: object) -> None:
    alarmed.break_two()
    view = status_view(alarmed.device.server.site, shell_of_nobody, {"b": "S3-17"})  # type: ignore[arg-type]
    assert view.battery is not None
    assert "12.60 V on float" in view.battery.why
    assert "Likely" in view.battery.why
    assert view.look == "alarm"


async def test_the_room_shows_the_alarm_about_a_fault(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    web = alarmed.device.server.site

    def seen(**fault: object) -> dict[str, str]:
        return seen_by_device(web.board, web.board.snapshot, fault, web.alarms)

    assert seen(kind="bus_break", address=216) == {
        "look": "alarm",
        "text": "alarm: Bus cable open behind S7-24 (8 modules silent)",
    }
    assert seen(kind="shorted_cell", address=LOW)["look"] == "alarm"
    assert seen(kind="hot_spot", address=1)["look"] == "good"
    assert seen(kind="charger_off", target="charger")["look"] == "good"


def test_severities_have_looks_of_their_word() -> None:
    assert [Look[one.name].word for one in Severity] == [one.word for one in Severity]
