import numpy as np
import pytest

from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.snapshot import StringState
from webmanager.domain.string_state import ProcessCounter, StringStates

ONE = Installation(4, 1, BlockType(12, 100))


class Follower:
    """One string, a value every 2 s."""

    def __init__(self, installation: Installation = ONE) -> None:
        self.states = StringStates(installation)
        self.now_s = 0.0

    def see(self, current_a: float, average_v: float, elapsed_s: float = 2.0) -> StringState:
        self.now_s += elapsed_s
        found = self.states.update(self.now_s, elapsed_s, np.array([current_a]), np.array([average_v]))
        return StringState(int(found[0]))


def test_float_is_told_from_rest_by_voltage_never_by_the_tiny_current() -> None:
    string = Follower()
    assert string.see(0.03, 13.62) is StringState.FLOAT
    assert string.see(-0.02, 13.62) is StringState.FLOAT
    assert string.see(0.03, 12.9) is StringState.REST


def test_float_is_left_later_than_it_is_reached() -> None:
    string = Follower()
    assert string.see(0.0, 13.15) is StringState.REST
    assert string.see(0.0, 13.21) is StringState.FLOAT
    assert string.see(0.0, 13.15) is StringState.FLOAT
    assert string.see(0.0, 13.05) is StringState.REST


def test_discharge_begins_at_half_a_percent_and_ends_at_a_quarter() -> None:
    string = Follower()
    assert string.see(-0.45, 13.0) is StringState.REST
    assert string.see(-0.55, 12.8) is StringState.DISCHARGING
    assert string.see(-0.30, 12.8) is StringState.DISCHARGING
    assert string.see(-0.20, 12.8) is StringState.REST
    assert string.states.discharge_ended_s[0] == string.now_s


def test_charging_begins_at_one_percent_and_ends_at_half_of_it() -> None:
    string = Follower()
    assert string.see(0.9, 13.4) is StringState.FLOAT
    assert string.see(1.1, 13.4) is StringState.CHARGING
    assert string.see(0.6, 13.6) is StringState.CHARGING
    assert string.see(0.4, 13.6) is StringState.FLOAT


def test_nothing_is_known_of_a_string_that_does_not_answer() -> None:
    assert Follower().see(0.03, float("nan")) is StringState.UNKNOWN


def test_without_a_current_sensor_a_load_shows_in_the_voltage() -> None:
    string = Follower()
    for _ in range(30):
        string.see(float("nan"), 13.1)
    volts = [13.1 - 0.04 * k for k in range(15)] + [12.5 - 6e-5 * k for k in range(200)]
    states = [string.see(float("nan"), v) for v in volts]
    assert states[8:] == [StringState.DISCHARGING] * (len(volts) - 8)
    recovered = [string.see(float("nan"), 12.5 + 0.01 * k) for k in range(15)]
    assert recovered[-1] is StringState.REST


def test_without_a_current_sensor_a_battery_that_relaxes_is_at_rest() -> None:
    string = Follower()
    volts = [12.8 + 0.3 * 0.99**k for k in range(600)]
    assert {string.see(float("nan"), v) for v in volts} == {StringState.REST}


def test_noise_without_a_sensor_is_no_discharge() -> None:
    string = Follower()
    rng = np.random.default_rng(3)
    seen = {string.see(float("nan"), 12.9 + rng.normal(0, 0.0005)) for _ in range(500)}
    assert seen == {StringState.REST}


def counter(installation: Installation = ONE) -> ProcessCounter:
    zeros = np.zeros(installation.modules, np.int64)
    return ProcessCounter(installation, zeros, zeros)


def follow(counted: ProcessCounter, state: StringState, current_a: float, seconds: float) -> None:
    answering = np.ones(ONE.modules, np.bool_)
    for _ in range(int(seconds / 2)):
        counted.update(2.0, np.array([state], np.int8), np.array([current_a]), answering)


def test_a_discharge_counts_once_however_long_it_lasts() -> None:
    counted = counter()
    follow(counted, StringState.DISCHARGING, -10.0, 7200)
    follow(counted, StringState.CHARGING, 10.0, 7200)
    assert counted.discharges.tolist() == [1, 1, 1, 1]
    assert counted.charges.tolist() == [1, 1, 1, 1]
    follow(counted, StringState.DISCHARGING, -10.0, 7200)
    assert counted.discharges.tolist() == [2, 2, 2, 2]


def test_a_flicker_moves_no_charge_and_counts_nothing() -> None:
    counted = counter()
    for _ in range(50):
        follow(counted, StringState.DISCHARGING, -1.0, 4)
        follow(counted, StringState.FLOAT, 0.0, 4)
    assert counted.discharges.sum() == 0


@pytest.mark.parametrize("current_a", [float("nan"), -10.0])
def test_a_tenth_of_an_amp_hour_is_needed_or_the_time_for_it(current_a: float) -> None:
    counted = counter()
    follow(counted, StringState.DISCHARGING, current_a, 34)
    assert counted.discharges.sum() == 0
    follow(counted, StringState.DISCHARGING, current_a, 4)
    assert counted.discharges.sum() == 4


def test_only_batteries_that_answer_are_counted() -> None:
    counted = counter()
    answering = np.array([True, False, True, True])
    for _ in range(100):
        counted.update(2.0, np.array([StringState.DISCHARGING], np.int8), np.array([-10.0]), answering)
    assert counted.discharges.tolist() == [1, 0, 1, 1]
