"""What is raised, in words: what, value, limit, where; then what to do."""

from typing import Any

import numpy as np
import pytest

from fakes.observations import AT, room_of, seen_of
from webmanager.domain.alarms import Found
from webmanager.domain.events import Severity
from webmanager.domain.installation import Installation
from webmanager.domain.judge import Judge
from webmanager.domain.layout import SlotKey
from webmanager.domain.limits import REPORTED, ROWS, Change, limits_of
from webmanager.domain.measures import Reported
from webmanager.domain.observation import BusCondition
from webmanager.domain.snapshot import StringState
from webmanager.domain.wording import found_in, listed, moment, shown

ROOM = room_of(32, 4)
SINCE = ", since 22:15:20 UTC on 14 Nov 2023."


class Desk:
    """A judge that has seen a settled room for a while."""

    def __init__(self, room: Installation = ROOM, **changes: Change) -> None:
        self.room = room
        self.judge = Judge(room, limits_of(changes))
        self.judge.strings.float_s[:] = 86_400.0
        self.judge.strings.rested_s[:] = 30 * 86_400.0
        self.at_s = 0.0
        self.see(120)

    def see(self, seconds: float, reported: Any = None, step_s: float = 2.0, **changes: Any) -> None:
        for _ in range(round(seconds / step_s)):
            seen = seen_of(self.room, at_s=self.at_s, elapsed_s=step_s, **changes)
            self.judge.judge(seen, reported)
            self.at_s += step_s

    def found(self, slot: SlotKey) -> Found:
        found = found_in(self.judge, slot)
        assert found is not None
        return found


def test_a_shorted_cell_in_one_sentence() -> None:
    desk = Desk()
    desk.see(120, voltage_v={11: 11.35})
    found = desk.found(("battery", 11))
    assert (found.kind, found.severity, found.source.name) == ("voltage_deviation", Severity.ALARM, "S2-3")
    assert found.text == "S2-3 voltage 11.35 V, 14.9 % below its string (limit 4.0 %)" + SINCE
    assert found.advice == "Likely a shorted cell: exchange this battery; do not boost-charge the string."
    assert (found.source.string, found.source.address, found.affected) == (2, 11, (11,))
    assert (found.limit, found.unit, found.since_at) == (4.0, "%", AT + 120)
    assert found.kinds == ("voltage_deviation", "voltage_low")
    assert found.string_state == "float"


def test_a_small_deviation_is_likely_a_soft_short() -> None:
    desk = Desk()
    desk.see(120, voltage_v={11: 13.2})
    found = desk.found(("battery", 11))
    assert found.text.startswith("S2-3 voltage 13.20 V, 2.7 % below its string (limit 2.0 %)")
    assert found.advice.startswith("Likely a soft short")


def test_a_battery_above_its_string_is_told_so() -> None:
    desk = Desk()
    desk.see(120, voltage_v={11: 14.05})
    assert "2.8 % above its string" in desk.found(("battery", 11)).text


def test_the_charger_is_told_once_with_the_value_of_a_battery() -> None:
    desk = Desk()
    desk.see(120, voltage_v=14.7)
    found = desk.found(("charger_high", 0))
    assert found.text == "All strings voltage 14.70 V per battery, over the limit of 14.40 V" + SINCE
    assert (found.source.name, found.source.string, found.value, found.limit) == ("charger", None, 14.7, 14.4)
    assert found.affected == tuple(range(1, 33))


def test_one_string_is_named() -> None:
    desk = Desk()
    volts = np.full(32, 13.62)
    volts[8:16] = 14.2
    desk.see(120, voltage_v=volts)
    found = desk.found(("charger_high", 0))
    assert found.text.startswith("String 2 voltage 14.20 V per battery")
    assert (found.source.name, found.affected) == ("string 2", tuple(range(9, 17)))


def test_the_place_of_a_broken_cable() -> None:
    desk = Desk()
    desk.see(60, silent=dict.fromkeys(range(14, 17), True))
    found = desk.found(("bus_open", 2))
    assert found.text == "Bus cable open behind S2-5 (3 modules silent)" + SINCE
    assert found.affected == (14, 15, 16)
    desk.see(2, silent=dict.fromkeys(range(9, 17), True))
    assert desk.found(("bus_open", 2)).text.startswith("Bus cable open before S2-1 (8 modules silent)")
    desk.see(2, silent={16: True})
    assert desk.found(("bus_open", 2)).text.startswith("Bus cable open behind S2-7 (1 module silent)")
    desk.see(2, silent={10: True, 12: True})
    assert desk.found(("bus_open", 2)).text.startswith("Bus cable open in string 2 (2 modules silent)")


def test_a_silent_bus_says_what_the_port_says() -> None:
    desk = Desk()
    desk.see(60, silent=True)
    assert desk.found(("bus", 0)).text == "No module answers: all 32 modules are silent" + SINCE
    desk.see(60, silent=True, bus=BusCondition("down", "COM3 has vanished."))
    assert desk.found(("bus", 0)).text == "No module answers: COM3 has vanished" + SINCE
    assert len(desk.found(("bus", 0)).affected) == 32


def test_silent_branches_are_listed() -> None:
    desk = Desk()
    desk.see(60, silent=dict.fromkeys(range(9, 33), True))
    assert desk.found(("bus", 0)).text.startswith("No module of strings 2 to 4 answers")


def test_odd_revisions_are_named() -> None:
    desk = Desk()
    odd = dict.fromkeys(range(1, 7), "9.9")
    desk.see(4, silent=True, bus=BusCondition("refused", "mixed", odd))
    text = desk.found(("revision", 0)).text
    assert text.startswith(
        "Mixed hardware revisions: S1-1 has 9.9, S1-2 has 9.9, S1-3 has 9.9, S1-4 has 9.9 and 2 more"
    )


def test_resistance_with_its_rise() -> None:
    desk = Desk()
    for reading in range(1, 6):
        ri = {3: 5.6} if reading > 2 else {}
        desk.see(2, ri_mohm=ri, ri_measured_at=AT + 43_200.0 * reading)
    found = desk.found(("battery", 3))
    assert found.text.startswith("S1-3 internal resistance 5.60 mΩ, 33 % above its baseline (limit 30 %)")
    assert (found.severity, found.unit) == (Severity.WARNING, "%")


def test_discharge_in_words() -> None:
    desk = Desk()
    volts = np.full(32, 12.2)
    volts[2] = 11.5
    desk.see(300, state=StringState.DISCHARGING, current_a=-40.0, voltage_v=volts)
    assert desk.found(("on_battery", 0)).text.startswith("On battery: strings 1 to 4 deliver 160 A")
    found = desk.found(("battery", 3))
    assert found.text.startswith("S1-3 11.50 V, 5.7 % below its string in discharge (limit 3.0 %)")
    assert found.string_state == "discharging"


def test_an_open_string_names_its_suspect() -> None:
    desk = Desk()
    desk.see(
        100,
        state=[StringState.DISCHARGING, StringState.FLOAT, StringState.DISCHARGING, StringState.DISCHARGING],
        current_a=[-40.0, 0.0, -40.0, -40.0],
        silent={12: True},
        voltage_v={12: np.nan},
    )
    found = desk.found(("string_current", 2))
    assert found.text.startswith("String 2 takes no part in charge and discharge: likely open at S2-4")


def test_a_leak_in_milliamperes_of_this_battery() -> None:
    desk = Desk()
    effort = np.full(32, 2.0)
    effort[:8] = np.linspace(20.0, 34.0, 8)
    effort[3] = 0.0
    desk.see(6 * 3600, step_s=60.0, equalizing_percent=effort)
    found = desk.found(("battery", 4))
    assert found.text.startswith("S1-4 takes 30 mA more float current than its string (limit 15 mA)")


def test_a_runaway_says_both_figures_and_comes_before_all_else() -> None:
    desk = Desk()
    desk.see(6 * 3600, step_s=60.0, current_a=0.05)
    desk.see(3600, step_s=60.0, current_a=0.25, temperature_c={4: 34.0}, voltage_v={4: 12.4})
    found = desk.found(("battery", 4))
    assert found.kind == "thermal_runaway"
    assert found.text.startswith("S1-4 heats itself: 9.0 K above its string at ")
    assert "voltage_deviation" in found.kinds
    assert found.urgent == ("thermal_runaway",)


def test_a_collapsed_battery_says_where_it_ended() -> None:
    desk = Desk()
    discharge: dict[str, Any] = {"state": StringState.DISCHARGING, "current_a": -40.0}
    volts = np.full(32, 11.9)
    volts[4] = 9.9
    desk.see(4, **discharge, voltage_v=volts)
    volts = volts.copy()
    volts[4] = np.nan
    desk.see(60, **discharge, voltage_v=volts, silent={5: True})
    assert desk.found(("battery", 5)).text.startswith("S1-5 is empty: it fell to 9.90 V, then its module had no supply")
    assert found_in(desk.judge, ("module", 5)) is None


@pytest.mark.parametrize("kind", sorted(REPORTED))
def test_what_others_report_carries_their_words(kind: str) -> None:
    desk = Desk()
    row = ROWS[kind]
    value = {"room_temperature_low": -5.0}.get(kind, 1.0 if row.is_yes_or_no else 99.0)
    desk.see(400, reported={kind: Reported(value, "what they say")})
    found = desk.found((row.slot, 0))
    assert found.kind == kind
    assert ("what they say" in found.text) is ("{detail}" in row.text)
    assert found.source.name == row.part


def test_a_quiet_slot_has_no_words() -> None:
    assert found_in(Desk().judge, ("battery", 3)) is None
    assert found_in(Judge(ROOM, limits_of()), ("battery", 3)) is None


def test_figures_have_fixed_decimals_and_a_true_minus() -> None:
    row = ROWS["temperature_low"]
    assert shown(-3.04, row) == "−3.0 °C"
    assert shown(-0.01, row) == "0.0 °C"
    assert shown(None, row) == shown(float("nan"), row) == "no data"


def test_moments_and_lists_read_as_people_write() -> None:
    assert moment(AT) == "22:13:20 UTC on 14 Nov 2023"
    assert listed([3], "string", "strings") == "string 3"
    assert listed([2, 3, 4], "string", "strings") == "strings 2 to 4"
    assert listed([1, 2], "string", "strings") == "strings 1 and 2"
    assert listed([1, 4, 6], "string", "strings") == "strings 1, 4 and 6"
