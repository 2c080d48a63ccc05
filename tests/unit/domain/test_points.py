import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from fakes.snapshots import TAKEN_AT, FakeBoard, installation_of, silenced, snapshot_of
from webmanager.domain.picture import Picture, picture_of
from webmanager.domain.points import BUS_STATES, POINTS, Point, PointValues, Scope, read, value
from webmanager.domain.reading import ModuleStatus, Quality
from webmanager.domain.snapshot import ModuleValues, Snapshot, StringState, StringValues
from webmanager.engine.board import BusState

SMALL = installation_of(8, 2)
EVERY = [pytest.param(point, id=name) for name, point in POINTS.items()]
SIZES = {Scope.DEVICE: 1, Scope.STRING: 2, Scope.MODULE: 8}


def picture(snapshot: Snapshot | None = None, *, after_s: float = 1.0) -> Picture:
    return picture_of(FakeBoard.showing(snapshot or snapshot_of(SMALL)), 100.0 + after_s, TAKEN_AT + after_s)


def empty_picture() -> Picture:
    return picture_of(FakeBoard(SMALL), 5.0, TAKEN_AT)


def of(name: str, seen: Picture | None = None) -> PointValues:
    return read(POINTS[name], seen or picture())


@pytest.mark.parametrize("point", EVERY)
def test_every_point_is_named_and_explained(point: Point) -> None:
    assert re.fullmatch(r"(device|bus|string|module|ups|aux|sensor)(\.[a-z][a-z0-9_]*)", point.name)
    assert len(point.help) > 10
    assert point.help.endswith(".")
    assert point.resolution > 0
    assert point.unit in {"", "V", "A", "W", "%", "degC", "mOhm", "s", "min", "Hz"}


@pytest.mark.parametrize("point", EVERY)
@pytest.mark.parametrize("make", [picture, empty_picture, lambda: picture(after_s=1e5)], ids=["new", "none", "old"])
def test_every_point_can_be_read_at_any_time(point: Point, make: Callable[[], Picture]) -> None:
    found = read(point, make())
    assert found.values.shape == found.quality.shape == (SIZES[point.scope],)
    assert found.values.dtype == np.float64
    assert not np.isinf(found.values).any()
    assert set(found.quality.tolist()) <= set(Quality)
    assert np.isnan(found.values[found.quality > Quality.STALE]).all()
    if point.codes:
        assert all(math.isnan(number) or point.codes[int(number)] for number in found.values)
    if point.flags:
        every = sum(flag.value for flag in point.flags)
        assert all(int(number) | every == every for number in found.values)


@pytest.mark.parametrize("point", EVERY)
def test_every_measured_point_expires(point: Point) -> None:
    if point.measured:
        assert np.isnan(read(point, picture(after_s=61.0)).values).all()
        assert np.isnan(read(point, empty_picture()).values).all()
    if point.measured and point.scope is Scope.DEVICE:
        assert math.isnan(value(point, picture(after_s=61.0)))


@pytest.mark.parametrize("point", EVERY)
def test_device_values_read_alike_both_ways(point: Point) -> None:
    if point.scope is Scope.DEVICE:
        assert np.array_equal([value(point, picture())], read(point, picture()).values, equal_nan=True)
    else:
        with pytest.raises(ValueError, match="one value for each"):
            value(point, picture())


def test_what_the_snapshot_holds_is_published() -> None:
    snapshot = snapshot_of(SMALL, strings={"current_a": [-1.5, 0.25]})
    seen = picture(snapshot)
    assert of("module.voltage", seen).values.tolist() == snapshot.modules.voltage_v.tolist()
    assert of("module.internal_resistance", seen).values.tolist() == snapshot.modules.ri_mohm.tolist()
    assert of("module.equalizing", seen).values.tolist() == snapshot.modules.equalizing_percent.tolist()
    assert of("module.charges", seen).values.tolist() == [7.0] * 8
    assert of("string.current", seen).values.tolist() == [-1.5, 0.25]
    assert of("string.power", seen).values == pytest.approx(np.array([-1.5, 0.25]) * snapshot.strings.voltage_v)
    assert of("device.scan_duration", seen).values.tolist() == [0.913]
    assert of("device.time", seen).values.tolist() == [TAKEN_AT + 1.0]
    assert of("device.snapshot_age", seen).values.tolist() == [1.0]


def test_no_array_of_the_snapshot_is_forgotten() -> None:
    published = {
        "voltage_v", "temperature_c", "ri_mohm", "ri_measured_at", "equalizing_percent", "deviation_percent",
        "reference_v", "quality", "measured_s", "status", "excluded", "charges", "discharges",
    }  # fmt: skip
    assert set(ModuleValues.__slots__) == published
    strings = {
        "current_a", "ripple_a", "voltage_v", "average_v", "spread_v", "reference_v", "state", "quality", "answering",
    }  # fmt: skip
    assert set(StringValues.__slots__) == strings


def test_numbers_say_where_a_module_stands() -> None:
    assert of("module.string").values.tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    assert of("module.position").values.tolist() == [1, 2, 3, 4, 1, 2, 3, 4]
    assert of("string.batteries").values.tolist() == [4, 4]
    assert of("device.modules").values.tolist() == [8]
    assert of("device.strings").values.tolist() == [2]


def test_a_silent_module_has_no_measured_value_but_its_place_and_counters() -> None:
    seen = picture(silenced(snapshot_of(SMALL), 3))
    assert np.isnan(of("module.voltage", seen).values[2])
    assert of("module.voltage", seen).quality[2] == Quality.SILENT
    assert of("module.string", seen).values[2] == 1
    assert of("module.discharges", seen).values[2] == 6
    assert of("module.age", seen).values[2] == 31.0
    assert of("module.quality", seen).values[2] == Quality.SILENT
    assert of("bus.modules_answered", seen).values[0] == 7
    assert of("bus.modules_silent", seen).values[0] == 1


def test_a_value_left_in_a_silent_place_is_not_published() -> None:
    quality = [Quality.SILENT, Quality.IMPLAUSIBLE, *[Quality.GOOD] * 6]
    found = of("module.voltage", picture(snapshot_of(SMALL, modules={"quality": quality})))
    assert np.isnan(found.values[:2]).all()
    assert not np.isnan(found.values[2:]).any()


def test_stale_values_are_kept_and_called_stale() -> None:
    found = of("string.current", picture(after_s=30.0))
    assert found.quality.tolist() == [Quality.STALE] * 2
    assert found.values.tolist() == [0.03, 0.03]
    assert of("bus.modules_stale", picture(after_s=30.0)).values[0] == 8


def test_a_string_state_of_long_ago_is_unknown() -> None:
    assert of("string.state").values.tolist() == [StringState.FLOAT] * 2
    assert of("string.state", picture(after_s=61.0)).values.tolist() == [StringState.UNKNOWN] * 2


def test_status_bits_are_points_of_their_own() -> None:
    status = [0, ModuleStatus.MEASURING_RI, ModuleStatus.LIMITER_SATURATED, ModuleStatus.SENSOR_FAULT, 0, 0, 0, 0]
    seen = picture(snapshot_of(SMALL, modules={"status": status}))
    assert np.flatnonzero(of("module.measuring_ri", seen).values).tolist() == [1]
    assert np.flatnonzero(of("module.limiter_saturated", seen).values).tolist() == [2]
    assert np.flatnonzero(of("module.sensor_fault", seen).values).tolist() == [3]


def test_alarms_are_no_value_where_nobody_judges() -> None:
    assert math.isnan(value(POINTS["device.open_alarms"], picture()))
    assert math.isnan(value(POINTS["device.unacknowledged_alarms"], picture()))


def test_reading_changes_nothing() -> None:
    snapshot = snapshot_of(SMALL)
    before = snapshot.modules.voltage_v.copy()
    of("module.voltage", picture(snapshot, after_s=61.0))
    assert np.array_equal(snapshot.modules.voltage_v, before)


def test_the_words_of_the_bus_states_are_those_of_the_engine() -> None:
    assert tuple(BUS_STATES) == tuple(state.value for state in BusState)


def test_flag_words_name_their_flags() -> None:
    assert {name for name, point in POINTS.items() if point.flags} == {
        "device.general_flags",
        "device.battery_flags",
        "device.alarm_flags",
        "module.flags",
    }
