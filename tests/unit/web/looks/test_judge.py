"""What a battery looks like, and what the map draws."""

import numpy as np
import pytest

from fakes.board import FakeBatteries
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Quality
from webmanager.web.looks.judge import QUANTITIES, Look, band, looks, ri_against_median, shown, worst

TWO_STRINGS = Installation(6, 2, BlockType())


def test_every_quality_has_a_look_of_the_same_word() -> None:
    batteries = FakeBatteries(silent=(1,), stale=(2,), implausible=(3,))
    snapshot = batteries.snapshot(0.0, 0.0)
    seen = looks(snapshot, shown(snapshot))
    assert [Look(int(look)).word for look in seen["voltage"][:4]] == ["silent", "stale", "implausible", "good"]
    assert {quality.word for quality in Quality} <= {look.word for look in Look}


def test_a_quantity_without_a_value_is_unknown_and_never_good() -> None:
    snapshot = FakeBatteries().snapshot(0.0, 0.0)
    values = shown(snapshot) | {"ri": np.full(256, np.nan)}
    seen = looks(snapshot, values)
    assert set(seen["ri"].tolist()) == {Look.UNKNOWN}
    assert set(seen["voltage"].tolist()) == {Look.GOOD}
    assert set(worst(seen).tolist()) == {Look.GOOD}


def test_a_silent_battery_is_silent_in_every_quantity() -> None:
    snapshot = FakeBatteries(silent=(5,)).snapshot(0.0, 0.0)
    assert {int(look[4]) for look in looks(snapshot, shown(snapshot)).values()} == {Look.SILENT}


def test_the_worst_look_speaks_for_the_battery() -> None:
    by_quantity = {
        "voltage": np.array([Look.GOOD, Look.STALE, Look.UNKNOWN], np.int8),
        "ri": np.array([Look.ALARM, Look.WARNING, Look.GOOD], np.int8),
    }
    assert worst(by_quantity).tolist() == [Look.ALARM, Look.WARNING, Look.GOOD]


def test_an_alarm_is_worse_than_silence_and_silence_worse_than_a_notice() -> None:
    assert Look.ALARM > Look.WARNING > Look.SILENT > Look.IMPLAUSIBLE > Look.STALE > Look.PENDING > Look.NOTICE
    assert [look for look in Look if not look.is_abnormal] == [Look.UNKNOWN, Look.GOOD]


def test_ri_is_compared_with_the_median_of_its_own_string() -> None:
    ri = np.array([4.0, 4.4, 4.2, 8.0, np.nan, 9.0])
    against = ri_against_median(TWO_STRINGS, ri)
    assert against[:3].tolist() == pytest.approx([-4.7619, 4.7619, 0.0], abs=1e-3)
    assert against[3:].tolist() == pytest.approx([-5.882, np.nan, 5.882], abs=1e-3, nan_ok=True)


def test_a_string_without_any_ri_is_unknown() -> None:
    against = ri_against_median(TWO_STRINGS, np.array([4.0, 4.0, 4.0, np.nan, np.nan, np.nan]))
    assert np.isnan(against).tolist() == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    ("percent", "name"),
    [
        (None, None),
        (float("nan"), None),
        (0.0, "off"),
        (0.4, "off"),
        (1.0, "eco+"),
        (20.0, "eco+"),
        (20.4, "eco+"),
        (21.0, "eco"),
        (40.0, "eco"),
        (41.0, "normal"),
        (60.0, "normal"),
        (61.0, "power"),
        (80.0, "power"),
        (81.0, "boost"),
        (100.0, "boost"),
    ],
)
def test_bands(percent: float | None, name: str | None) -> None:
    assert band(percent) == name


def test_the_four_quantities_are_those_of_the_state_object() -> None:
    assert [quantity.key for quantity in QUANTITIES] == ["voltage", "temperature", "ri", "equalizing"]
    assert set(shown(FakeBatteries().snapshot(0.0, 0.0))) == {quantity.key for quantity in QUANTITIES}
