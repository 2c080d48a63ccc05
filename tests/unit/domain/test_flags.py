import pytest

from fakes.snapshots import TAKEN_AT, FakeBoard, FakeBus, installation_of, silenced, snapshot_of
from webmanager.domain.flags import (
    AlarmFlag,
    BatteryFlag,
    GeneralFlag,
    ModuleFlag,
    alarm_flags,
    battery_flags,
    general_flags,
    module_flags,
)
from webmanager.domain.picture import Picture, picture_of
from webmanager.domain.reading import ModuleStatus, Quality
from webmanager.domain.snapshot import Snapshot, StringState

SMALL = installation_of(8, 2)
QUIET = {"equalizing_percent": 0.0}


def picture(snapshot: Snapshot | None, *, bus: str = "running", after_s: float = 1.0) -> Picture:
    board = FakeBoard(SMALL) if snapshot is None else FakeBoard.showing(snapshot)
    board.bus = FakeBus(bus)
    return picture_of(board, 100.0 + after_s, TAKEN_AT + after_s)


def test_running_and_float_charging_is_0x0041_as_published() -> None:
    assert general_flags(picture(snapshot_of(SMALL, modules=QUIET))) == 0x0041


@pytest.mark.parametrize(
    ("state", "flag"),
    [
        (StringState.FLOAT, 0x40),
        (StringState.CHARGING, 0x10),
        (StringState.DISCHARGING, 0x08),
        (StringState.REST, 0x20),
        (StringState.UNKNOWN, 0x00),
    ],
)
def test_what_the_strings_do(state: StringState, flag: int) -> None:
    snapshot = snapshot_of(SMALL, modules=QUIET, strings={"state": state})
    assert general_flags(picture(snapshot)) == 0x1 | flag


def test_strings_that_differ_set_one_bit_each() -> None:
    snapshot = snapshot_of(SMALL, modules=QUIET, strings={"state": [StringState.FLOAT, StringState.DISCHARGING]})
    assert general_flags(picture(snapshot)) == 0x1 | 0x40 | 0x8


def test_one_module_that_bypasses_is_equalisation() -> None:
    snapshot = snapshot_of(SMALL, modules={"equalizing_percent": [0, 0, 0, 0, 0, 3, 0, 0]})
    assert general_flags(picture(snapshot)) == 0x1 | 0x40 | 0x80


def test_a_value_left_in_a_silent_place_is_no_equalisation() -> None:
    quality = [Quality.SILENT, *[Quality.GOOD] * 7]
    snapshot = snapshot_of(SMALL, modules={"equalizing_percent": [3, 0, 0, 0, 0, 0, 0, 0], "quality": quality})
    assert general_flags(picture(snapshot)) == 0x1 | 0x4 | 0x40


def test_a_silent_module_is_lost() -> None:
    lost = silenced(snapshot_of(SMALL, modules=QUIET), 5)
    assert general_flags(picture(lost)) == 0x1 | 0x4 | 0x40


@pytest.mark.parametrize(("bus", "flags"), [("starting", 0x2), ("refused", 0x100), ("down", 0x0)])
def test_a_bus_that_does_not_run(bus: str, flags: int) -> None:
    assert general_flags(picture(snapshot_of(SMALL), bus=bus)) == flags


def test_a_bus_that_runs_but_has_not_scanned_is_starting_up() -> None:
    assert general_flags(picture(None)) == 0x2


def test_scans_that_stop_are_an_interrupted_communication() -> None:
    snapshot = snapshot_of(SMALL)
    assert general_flags(picture(snapshot, after_s=59.0)) != 0x0
    assert general_flags(picture(snapshot, after_s=61.0)) == 0x0


def test_a_saturated_equalizer_shows_while_its_module_answers() -> None:
    saturated = snapshot_of(SMALL, modules={"status": ModuleStatus.LIMITER_SATURATED})
    assert battery_flags(picture(saturated)) == 0x80
    assert battery_flags(picture(saturated, after_s=61.0)) == 0.0
    assert battery_flags(picture(silenced(saturated, *range(1, 9)))) == 0.0
    assert battery_flags(picture(snapshot_of(SMALL))) == 0.0
    assert battery_flags(picture(None)) == 0.0


def test_there_are_no_alarm_flags_where_nobody_judges() -> None:
    assert alarm_flags(picture(snapshot_of(SMALL))) == 0.0


def test_a_healthy_module_has_no_flag() -> None:
    assert (module_flags(picture(snapshot_of(SMALL))) == 0).all()


def test_quality_shows_in_the_flags() -> None:
    quality = [Quality.GOOD, Quality.STALE, Quality.SILENT, Quality.IMPLAUSIBLE] * 2
    found = module_flags(picture(snapshot_of(SMALL, modules={"quality": quality})))
    assert found.tolist() == [0x0, 0x80, 0x40, 0x0] * 2


def test_when_the_scans_stop_every_module_is_stale_and_then_silent() -> None:
    snapshot = snapshot_of(SMALL)
    assert (module_flags(picture(snapshot, after_s=30.0)) == 0x80).all()
    assert (module_flags(picture(snapshot, after_s=61.0)) == 0x40).all()


def test_a_module_that_was_never_found_is_silent_and_not_initialised() -> None:
    board = FakeBoard(SMALL, bus=FakeBus("running"), identities={n: object() for n in range(2, 9)})
    assert module_flags(picture_of(board, 1.0, TAKEN_AT)).tolist() == [0x240, *[0x40] * 7]


def test_before_the_bus_runs_nobody_knows_who_is_initialised() -> None:
    board = FakeBoard(SMALL, bus=FakeBus("starting"))
    assert module_flags(picture_of(board, 1.0, TAKEN_AT)).tolist() == [0x40] * 8


def test_a_battery_left_out_of_the_reference() -> None:
    excluded = snapshot_of(SMALL, modules={"excluded": [0, 0, 1, 0, 0, 0, 0, 0]})
    assert module_flags(picture(excluded))[2] == 0x800
    assert module_flags(picture(silenced(excluded, 3)))[2] == 0x40


def test_a_wrong_revision_is_shown_for_the_modules_that_have_it() -> None:
    board = FakeBoard.showing(snapshot_of(SMALL))
    board.bus = FakeBus("refused", {4: "9.9", 300: "9.9"})
    assert module_flags(picture_of(board, 101.0, TAKEN_AT))[3] == 0x400 | 0x80


@pytest.mark.parametrize("flags", [GeneralFlag, BatteryFlag, AlarmFlag, ModuleFlag])
def test_each_bit_has_one_meaning(flags: type[GeneralFlag]) -> None:
    values = [flag.value for flag in flags]
    assert values == [1 << place for place in range(len(values))]
