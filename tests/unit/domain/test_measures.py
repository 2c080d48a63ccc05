"""Which value each limit judges, and when it judges none."""

from typing import Any

import numpy as np
import pytest

from fakes.observations import room_of, seen_of
from webmanager.domain.baseline import RiBaseline
from webmanager.domain.conditions import StringConditions
from webmanager.domain.diagnosis import Diagnosis
from webmanager.domain.grouping import bus_pattern, cable_order
from webmanager.domain.installation import Installation
from webmanager.domain.measures import (
    Knowledge,
    Pack,
    Reported,
    battery_measures,
    device_measures,
    median_of,
    string_measures,
)
from webmanager.domain.observation import BusCondition
from webmanager.domain.snapshot import StringState

ROOM = room_of(16, 2)
FLOAT, CHARGING, DISCHARGING, REST = (
    StringState.FLOAT, StringState.CHARGING, StringState.DISCHARGING, StringState.REST,
)  # fmt: skip


class Judged:
    """All measures of one observation of strings that have been settled for a day."""

    def __init__(self, room: Installation = ROOM, *, before: Any = None, **changes: Any) -> None:
        seen = seen_of(room, **changes)
        strings = StringConditions(room)
        strings.float_s[:] = strings.discharge_s[:] = 86_400.0
        for name, value in (before or {}).items():
            getattr(strings, name)[:] = value
        baseline = RiBaseline(room)
        baseline.update(seen, np.ones(room.modules, np.bool_))
        none = np.zeros(room.modules, np.bool_)
        pack = Pack(seen, none, none)
        self.known = Knowledge(
            seen=seen,
            strings=strings,
            baseline=baseline,
            findings=Diagnosis(room).update(seen, strings, pack.warmer_k),
            bus=bus_pattern(seen, cable_order(room)),
            sensors_known=np.ones(room.strings, np.bool_),
            last_cell_v=np.full(room.modules, 2.2),
            is_cut=np.zeros(room.strings, np.bool_),
            reported=changes.get("reported", {}),
        )
        self.battery = battery_measures(self.known, pack)
        self.string = string_measures(self.known, pack)
        self.device = device_measures(self.known)


def test_medians_ignore_what_is_unknown() -> None:
    values = np.array([1.0, np.nan, 5.0, 2.0, *[np.nan] * 4])
    medians = median_of(room_of(8, 2), values)
    assert medians[0] == 2.0
    assert np.isnan(medians[1])
    assert median_of(room_of(4, 1), np.array([1.0, 2.0, 4.0, 9.0])).tolist() == [3.0]


def test_a_charger_that_is_too_high_is_the_strings_not_the_batteries() -> None:
    judged = Judged(voltage_v=14.7)
    assert (judged.battery["voltage_high"] == -np.inf).all()
    assert judged.string["charger_overvoltage"].tolist() == [pytest.approx(2.45)] * 2


def test_a_battery_that_stands_apart_is_judged_itself() -> None:
    judged = Judged(voltage_v={3: 14.6})
    assert judged.battery["voltage_high"][2] == pytest.approx(14.6 / 6)
    assert np.isneginf(np.delete(judged.battery["voltage_high"], 2)).all()
    assert judged.string["charger_overvoltage"][0] < 2.30


def test_what_one_battery_lacks_is_not_the_chargers_fault() -> None:
    volts = np.full(16, 13.62)
    volts[:8], volts[2] = 14.45, 13.62 * 8 - 14.45 * 7
    judged = Judged(voltage_v=volts)
    assert judged.string["charger_overvoltage"][0] == pytest.approx(2.27, abs=0.01)
    assert judged.battery["voltage_low"][2] == pytest.approx(volts[2] / 6)


def test_strings_of_one_or_two_batteries_are_judged_one_by_one() -> None:
    judged = Judged(room_of(4, 2), voltage_v=14.7)
    assert judged.battery["voltage_high"].tolist() == [pytest.approx(2.45)] * 4
    assert np.isnan(judged.string["charger_overvoltage"]).all()


def test_after_a_discharge_only_the_limits_of_charging_hold() -> None:
    judged = Judged(voltage_v=14.5, before={"recharge_s": 60.0})
    assert np.isnan(judged.string["charger_overvoltage"]).all()
    assert judged.string["charger_overvoltage_charge"].tolist() == [pytest.approx(14.5 / 6)] * 2


def test_low_voltage_is_judged_on_float_only() -> None:
    assert np.isnan(Judged(state=CHARGING, voltage_v=12.0).string["charger_undervoltage"]).all()
    assert Judged(voltage_v=12.9).string["charger_undervoltage"].tolist() == [pytest.approx(2.15)] * 2


def test_deviation_is_judged_on_settled_float_only() -> None:
    assert Judged(voltage_v={3: 13.1}).battery["voltage_deviation"][2] == pytest.approx(3.36, abs=0.01)
    assert np.isnan(Judged(voltage_v={3: 13.1}, before={"float_s": 60.0}).battery["voltage_deviation"]).all()
    assert np.isnan(Judged(voltage_v={3: 13.1}, state=DISCHARGING).battery["voltage_deviation"]).all()


def test_a_battery_is_not_off_because_another_one_is() -> None:
    volts = np.full(16, 13.70)
    volts[0], volts[1] = 12.7, 13.95
    deviation = Judged(voltage_v=volts).battery["voltage_deviation"]
    assert deviation[0] > 5.5
    assert deviation[1] < 2.0


def test_a_weak_battery_shows_in_discharge_after_the_dip_and_before_the_knee() -> None:
    volts = np.full(16, 12.2)
    volts[4] = 11.6
    weak = Judged(voltage_v=volts, state=DISCHARGING, current_a=-40.0)
    assert weak.battery["asymmetric_discharge"][4] == pytest.approx(0.6 / 12.2 * 100)
    early = Judged(voltage_v=volts, state=DISCHARGING, before={"discharge_s": 30.0})
    assert np.isnan(early.battery["asymmetric_discharge"]).all()
    assert np.isnan(Judged(voltage_v=volts - 1.0, state=DISCHARGING).battery["asymmetric_discharge"]).all()
    assert np.isnan(Judged(voltage_v=volts).battery["asymmetric_discharge"]).all()


def test_at_the_end_of_a_discharge_the_first_empty_battery_speaks_for_all() -> None:
    volts = np.full(16, 11.2)
    volts[4] = 10.4
    judged = Judged(voltage_v=volts, state=DISCHARGING, current_a=-40.0)
    assert np.isposinf(judged.battery["voltage_low_discharge"]).all()
    assert judged.string["battery_low"][0] == pytest.approx(10.4 / 6)


def test_an_empty_battery_that_rests_is_not_full_again() -> None:
    assert np.isnan(Judged(voltage_v=11.9, state=REST).string["battery_low"]).all()
    assert Judged(voltage_v=10.2, state=REST).string["battery_low"].tolist() == [pytest.approx(1.70)] * 2
    assert Judged(voltage_v=11.9, state=CHARGING).string["battery_low"].tolist() == [pytest.approx(11.9 / 6)] * 2


def test_a_warm_room_is_the_strings_a_warm_battery_its_own() -> None:
    hot = Judged(temperature_c=38.0)
    assert hot.string["room_hot"].tolist() == [38.0, 38.0]
    assert np.isneginf(hot.battery["temperature_high"]).all()
    spot = Judged(temperature_c={3: 38.0})
    assert spot.string["room_hot"].tolist() == [25.0, 25.0]
    assert spot.battery["temperature_high"][2] == 38.0
    assert spot.battery["temperature_above"][2] == pytest.approx(13.0)


def test_ri_is_judged_once_a_reading_and_not_soon_after_a_discharge() -> None:
    assert Judged().battery["ri_high"].tolist() == [4.2] * 16
    assert np.isnan(Judged(before={"rested_s": 3600.0}).battery["ri_high"]).all()
    assert np.isnan(Judged(ri_measured_at=np.nan).battery["ri_high"]).all()


def test_disuse_is_no_disease_without_rising_resistance() -> None:
    calm = Judged(before={"unused_s": 200 * 86_400.0})
    assert calm.battery["sulphation_suspected"].tolist() == [0.0] * 16
    calm.known.baseline.rise_percent[2] = 12.0
    none = np.zeros(16, np.bool_)
    again = battery_measures(calm.known, Pack(calm.known.seen, none, none))
    assert again["sulphation_suspected"][2] == pytest.approx(200.0)
    assert np.count_nonzero(again["sulphation_suspected"]) == 1


def test_a_module_whose_battery_collapsed_is_not_lost() -> None:
    judged = Judged(silent={3: True, 4: True})
    judged.known.last_cell_v[2] = 1.4
    none = np.zeros(16, np.bool_)
    again = battery_measures(judged.known, Pack(judged.known.seen, none, none))
    assert np.flatnonzero(again["battery_collapsed"]).tolist() == [2]
    assert np.flatnonzero(again["module_lost"]).tolist() == [3]


def test_garbled_answers_are_told_apart_from_none() -> None:
    garbled = np.arange(16) == 3
    judged = Judged(silent={3: True, 4: True}, bus=BusCondition(garbled=garbled))
    assert np.flatnonzero(judged.battery["duplicate_address"]).tolist() == [3]


def test_nothing_is_known_of_modules_while_the_bus_starts() -> None:
    judged = Judged(silent=True, bus=BusCondition("starting"))
    assert np.isnan(judged.battery["module_lost"]).all()
    assert np.isnan(judged.string["bus_open"]).all()
    assert np.isnan(judged.device["bus_down"])


def test_a_string_is_compared_with_the_others_only_while_current_flows() -> None:
    share = Judged(state=DISCHARGING, current_a=[-10.0, -40.0], voltage_v=12.2)
    assert share.string["string_current_low"].tolist() == [25.0, 400.0]
    assert share.string["string_open"].tolist() == [0.0, 0.0]
    none = Judged(state=[FLOAT, DISCHARGING], current_a=[0.02, -40.0])
    np.testing.assert_equal(none.string["string_open"], [1.0, np.nan])
    assert np.isnan(Judged().string["string_open"]).all()
    assert np.isnan(Judged(room_of(8, 1), state=DISCHARGING, current_a=-40.0).string["string_open"]).all()


def test_a_string_that_rests_while_others_are_charged_is_open() -> None:
    volts = np.full(16, 13.62)
    volts[:8] = 12.9
    assert Judged(state=[REST, FLOAT], voltage_v=volts).string["string_open"][0] == 1.0
    close = np.full(16, 13.07)
    close[:8] = 13.05
    assert not (Judged(state=[REST, FLOAT], voltage_v=close).string["string_open"] == 1.0).any()


def test_a_sensor_that_never_was_there_is_not_missed() -> None:
    judged = Judged(current_a=[np.nan, 0.03])
    assert judged.string["current_sensor_lost"].tolist() == [1.0, 0.0]
    judged.known.sensors_known[:] = False
    none = np.zeros(16, np.bool_)
    assert np.isnan(string_measures(judged.known, Pack(judged.known.seen, none, none))["current_sensor_lost"]).all()


def test_ripple_counts_per_capacity() -> None:
    assert Judged(ripple_a=7.0).string["string_ripple"].tolist() == [pytest.approx(0.07)] * 2


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"state": DISCHARGING, "current_a": -40.0}, 1.0),
        ({"state": DISCHARGING, "current_a": np.nan}, 1.0),
        ({"state": [DISCHARGING, FLOAT], "current_a": [-4.0, 3.9]}, 0.0),
        ({"state": FLOAT}, 0.0),
        ({"state": CHARGING, "current_a": 5.0}, 0.0),
        ({"state": REST}, np.nan),
        ({"state": StringState.UNKNOWN, "silent": True}, np.nan),
    ],
)
def test_on_battery_is_when_the_batteries_feed_the_load(changes: dict[str, Any], value: float) -> None:
    np.testing.assert_equal(Judged(**changes).device["on_battery"], value)


@pytest.mark.parametrize(
    ("bus", "silent", "down"),
    [
        (BusCondition(), False, 0.0),
        (BusCondition(), True, 1.0),
        (BusCondition("down"), False, 1.0),
        (BusCondition("refused", odd_revisions={3: "9.9"}), True, np.nan),
        (BusCondition("stopped"), True, np.nan),
    ],
)
def test_the_bus_is_down_when_nobody_answers_or_it_says_so(bus: BusCondition, silent: bool, down: float) -> None:
    device = Judged(silent=silent, bus=bus).device
    np.testing.assert_equal(device["bus_down"], down)
    assert device["mixed_revision"] == float(bool(bus.odd_revisions))


def test_bus_errors_are_a_share_of_what_is_asked() -> None:
    assert Judged(errors=9).device["bus_errors"] == pytest.approx(50.0)


def test_what_others_report_is_judged_as_it_is() -> None:
    device = Judged(reported={"store_failed": Reported(1.0, "read-only"), "humidity_high": Reported(85.0)}).device
    assert (device["store_failed"], device["humidity_high"]) == (1.0, 85.0)
