"""Snapshots as plain values: what is unknown is None, in every shape it is given."""

import json
from dataclasses import replace

import numpy as np

from fakes.board import FakeBatteries, refused, running_board
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.picture import picture_of
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.web.looks.picture import live_arrays, module_objects, picture, string_objects
from webmanager.web.status.answers import Module, String


def objects(batteries: FakeBatteries) -> list[dict[str, object]]:
    board, _ = running_board(batteries)
    board.publish(batteries.snapshot(10_000.0, 1.7e9))
    return module_objects(board, picture_of(board, 10_001.0, 1.7e9))


def strings_of(batteries: FakeBatteries) -> list[dict[str, object]]:
    board, _ = running_board(batteries)
    board.publish(batteries.snapshot(0.0, 0.0))
    return string_objects(picture_of(board, 0.0, 0.0))


def test_a_good_module_has_every_value() -> None:
    module = objects(FakeBatteries())[80]
    Module.model_validate(module)
    assert module["name"] == "S3-17"
    assert module["age_s"] == 1.0
    assert module["state"] == "ok"
    assert module["states"] == {"voltage": "ok", "temperature": "ok", "ri": "ok", "equalizing": "ok"}
    assert all(value is not None for value in module.values())


def test_a_stale_module_keeps_its_values_and_an_implausible_one_does_not() -> None:
    modules = objects(FakeBatteries(stale=(1,), implausible=(2,)))
    assert (modules[0]["quality"], modules[0]["age_s"]) == ("stale", 5.0)
    assert modules[0]["voltage_v"] is not None
    assert modules[1]["quality"] == "implausible"
    assert [modules[1][key] for key in ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent")] == [None] * 4


def test_ri_that_was_never_measured_is_null_with_a_null_state() -> None:
    board, batteries = running_board()
    snapshot = batteries.snapshot(0.0, 1.7e9)
    object.__setattr__(snapshot.modules, "ri_mohm", np.full(256, np.nan))
    object.__setattr__(snapshot.modules, "ri_measured_at", np.full(256, np.nan))
    board.publish(snapshot)
    module = module_objects(board, picture_of(board, 0.0, 1.7e9))[0]
    assert module["ri_mohm"] is module["ri_percent"] is module["ri_measured_at"] is None
    assert module["states"] == {"voltage": "ok", "temperature": "ok", "ri": None, "equalizing": "ok"}


def test_before_the_first_scan_every_module_is_there_without_values() -> None:
    board = Board(Installation(4, 2, BlockType()))
    modules = module_objects(board, picture_of(board, 0.0, 1.7e9))
    assert [module["name"] for module in modules] == ["S1-1", "S1-2", "S2-1", "S2-2"]
    for module in modules:
        Module.model_validate(module)
        assert module["voltage_v"] is module["age_s"] is module["charges"] is None
        assert (module["quality"], module["state"]) == ("silent", "ok")


def test_modules_of_another_revision_are_marked_when_the_bus_refuses() -> None:
    board = Board(Installation(4, 2, BlockType()))
    refused(board, {2: "9.9"})
    modules = module_objects(board, picture_of(board, 0.0, 1.7e9))
    assert [module["state"] for module in modules] == ["ok", "wrong_revision", "ok", "ok"]
    assert modules[1]["revision"] == "9.9"


def test_a_module_nobody_found_is_not_initialised() -> None:
    board, batteries = running_board(FakeBatteries(silent=(9,)))
    known = batteries.identities()
    del known[9]
    board.identify(known)
    snapshot = batteries.snapshot(0.0, 0.0)
    measured_s = snapshot.modules.measured_s.copy()
    measured_s[8] = np.nan
    board.publish(replace(snapshot, modules=replace(snapshot.modules, measured_s=measured_s)))
    module = module_objects(board, picture_of(board, 0.0, 1.7e9))[8]
    assert (module["state"], module["type"], module["serial"]) == ("not_initialised", None, None)


def test_limiters_that_are_off_have_no_reference() -> None:
    board, batteries = running_board()
    snapshot = batteries.snapshot(0.0, 0.0)
    object.__setattr__(snapshot.modules, "reference_v", np.full(256, np.nan))
    board.publish(snapshot)
    assert module_objects(board, picture_of(board, 0.0, 1.7e9))[0]["reference_v"] is None


def test_a_string_with_a_missing_battery_has_no_total() -> None:
    strings = strings_of(FakeBatteries(silent=(1,)))
    for string in strings:
        String.model_validate(string)
    assert strings[0]["voltage_v"] is None
    assert (strings[0]["quality"], strings[0]["answering"]) == ("incomplete", 31)
    assert (strings[1]["quality"], strings[1]["state"]) == ("good", "float")
    assert strings[1]["voltage_v"] == round(float(strings[1]["voltage_v"]), 3)  # type: ignore[arg-type]


def test_a_silent_string_has_no_figures_at_all() -> None:
    strings = strings_of(FakeBatteries(silent=tuple(range(1, 33))))
    assert [strings[0][key] for key in ("voltage_v", "average_v", "spread_v")] == [None] * 3
    assert strings[0]["quality"] == "silent"


def test_the_live_arrays_are_strict_json_and_as_long_as_the_installation() -> None:
    batteries = FakeBatteries(silent=(1,), stale=(2,))
    arrays = live_arrays(picture(batteries.snapshot(10_000.0, 1.7e9), 10_000.0))
    text = json.dumps(arrays, allow_nan=False, separators=(",", ":"))
    assert len(text) < 12_000
    modules = arrays["modules"]
    assert all(
        len(modules[key]) == 256 for key in ("voltage_v", "ri_percent", "equalizing_percent", "age_s", "quality")
    )
    assert modules["quality"].startswith("210")
    assert modules["looks"]["voltage"].startswith("641")
    assert modules["age_s"][:3] == [8040, 4, 0]
    assert arrays["strings"]["answering"] == [31] + [32] * 7


def test_the_live_arrays_name_who_is_left_out_of_the_reference() -> None:
    arrays = live_arrays(picture(FakeBatteries(low={40: 11.2}).snapshot(0.0, 0.0), 0.0))
    assert arrays["modules"]["excluded"] == [40]


def test_a_bus_that_is_down_keeps_what_is_known() -> None:
    board, batteries = running_board()
    board.publish(batteries.snapshot(0.0, 0.0))
    board.report_bus(BusReport(BusState.DOWN, "gone"))
    assert module_objects(board, picture_of(board, 0.0, 1.7e9))[0]["state"] == "ok"


def test_a_running_module_of_another_revision_and_one_without_an_address() -> None:
    board, batteries = running_board(FakeBatteries(silent=(9,)))
    board.publish(batteries.snapshot(100.0, 1.7e9))
    board.report_bus(replace(board.bus, odd_revisions={5: "9.9"}, unaddressed=1))
    modules = module_objects(board, picture_of(board, 101.0, 1.7e9))
    assert (modules[4]["state"], modules[4]["quality"]) == ("wrong_revision", "good")
    assert modules[4]["voltage_v"] is not None
    assert (modules[8]["state"], modules[8]["quality"]) == ("not_initialised", "silent")
    assert {module["state"] for module in modules[9:]} == {"ok"}


def test_before_the_first_scan_every_string_is_there_without_values() -> None:
    strings = string_objects(picture_of(Board(Installation(4, 2, BlockType())), 0.0, 0.0))
    assert [(string["string"], string["batteries"], string["answering"]) for string in strings] == [
        (1, 2, None),
        (2, 2, None),
    ]
    for string in strings:
        String.model_validate(string)
        assert string["current_a"] is string["voltage_v"] is None
        assert (string["state"], string["quality"]) == ("unknown", "silent")


def test_when_the_scans_stop_good_values_become_stale_and_then_unknown() -> None:
    board, batteries = running_board(FakeBatteries(silent=(3,)))
    board.publish(batteries.snapshot(100.0, 1.7e9))
    qualities = []
    for now_s in (101.0, 115.0, 170.0):
        module, _, silent = module_objects(board, picture_of(board, now_s, 1.7e9))[:3]
        assert silent["quality"] == "silent"
        assert (module["voltage_v"] is None) == (module["quality"] == "silent")
        qualities.append((module["quality"], module["age_s"]))
    assert qualities == [("good", 1.0), ("stale", 15.0), ("silent", 70.0)]


def test_a_silent_module_has_no_flags_either() -> None:
    silent = objects(FakeBatteries(silent=(1,)))[0]
    flags = ("excluded", "measuring_ri", "limiter_saturated", "limiter_derated", "sensor_fault")
    assert [silent[key] for key in flags] == [None] * 5
