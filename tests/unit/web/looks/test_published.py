"""The API says what the catalogue publishes, under one key each."""

import numpy as np
import pytest

from fakes.board import FakeBatteries, running_board
from webmanager.domain.picture import Picture, picture_of
from webmanager.domain.points import POINTS, Scope, read
from webmanager.web.looks.published import MODULE_KEYS, STRING_KEYS, Key, columns, plain
from webmanager.web.status.answers import Module, String

KEYS = [*MODULE_KEYS, *STRING_KEYS]
NOT_AS_A_KEY = {"module.flags"}
"""Status words: programs get the states by quantity instead."""


def moment(batteries: FakeBatteries | None = None, *, scans: int = 1) -> Picture:
    board, made = running_board(batteries)
    for _ in range(scans):
        board.publish(made.snapshot(10_000.0, 1.7e9))
    return picture_of(board, 10_001.0, 1.7e9 + 1)


@pytest.mark.parametrize("key", KEYS, ids=[key.point for key in KEYS])
def test_a_key_carries_the_values_of_its_point(key: Key) -> None:
    now = moment(FakeBatteries(silent=(3,)))
    (values,) = columns([key], now).values()
    raw = read(key.published, now).values
    assert len(values) == len(raw)
    for said, value in zip(values, raw.tolist(), strict=True):
        if isinstance(said, bool):
            assert said == bool(np.nan_to_num(value))
        elif isinstance(said, int | float):
            assert said == pytest.approx(value, abs=0.51 * 10**-key.digits)
        elif said is None:
            assert np.isnan(value)


@pytest.mark.parametrize(
    ("scope", "keys", "model"), [(Scope.MODULE, MODULE_KEYS, Module), (Scope.STRING, STRING_KEYS, String)]
)
def test_every_point_of_modules_and_strings_has_one_key(scope: Scope, keys: tuple[Key, ...], model: type) -> None:
    published = {name for name, point in POINTS.items() if point.scope is scope} - NOT_AS_A_KEY
    assert {key.point for key in keys} == published
    assert len({key.key for key in keys}) == len(keys)
    assert {key.key for key in keys} <= set(model.model_fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", KEYS, ids=[key.point for key in KEYS])
def test_the_unit_of_the_point_is_in_the_name_of_the_key(key: Key) -> None:
    endings = {"V": "_v", "A": "_a", "degC": "_c", "mOhm": "_mohm", "%": "_percent", "W": "_w"}
    ending = endings.get(key.published.unit)
    if ending:
        assert key.key.endswith(ending)


@pytest.mark.parametrize("key", KEYS, ids=[key.point for key in KEYS])
def test_no_decimals_are_lost(key: Key) -> None:
    if key.digits:
        assert 10**-key.digits <= key.published.resolution


def test_before_the_first_scan_nothing_is_zero() -> None:
    values = columns(MODULE_KEYS, moment(scans=0))
    for key in ("voltage_v", "temperature_c", "ri_mohm", "ri_measured_at", "age_s", "charges", "reference_v"):
        assert set(values[key]) == {None}, key
    assert set(values["quality"]) == {"silent"}
    assert values["string"][255] == 8
    strings = columns(STRING_KEYS, moment(scans=0))
    assert set(strings["current_a"]) == set(strings["power_w"]) == {None}
    assert set(strings["state"]) == {"unknown"}
    assert strings["batteries"] == [32] * 8


def test_plain_rounds_and_knows_what_is_not_there() -> None:
    assert plain(np.array([1.23456, np.nan, np.inf, -0.5]), 2) == [1.23, None, None, -0.5]


def test_there_is_no_negative_zero() -> None:
    assert str(plain(np.array([-0.0004, -0.0]), 2)) == "[0.0, 0.0]"
