"""What the device has noticed of a fault."""

import pytest

from fakes.board import FakeBatteries, refused, running_board
from webmanager.engine.board import Board
from webmanager.engine.notify_ports import QueueStatus
from webmanager.web.room.seen import seen_by_device, seen_of_receiver


def board_of(batteries: FakeBatteries) -> Board:
    board, _ = running_board(batteries)
    board.publish(batteries.snapshot(10_000.0, 1.7e9))
    return board


def seen_on(board: Board, fault: dict[str, object]) -> dict[str, str]:
    return seen_by_device(board, board.snapshot, fault)


def test_a_battery_that_answers_shows_what_is_measured() -> None:
    seen = seen_on(board_of(FakeBatteries(low={81: 13.031})), {"kind": "soft_short", "address": 81})
    assert seen["look"] == "good"
    text = seen["text"].replace("\u00a0", " ")
    assert text.startswith("good, 13.031 V (−4.")
    assert "mΩ" in text


def test_a_silent_battery_shows_no_value() -> None:
    seen = seen_on(board_of(FakeBatteries(silent=(5,))), {"kind": "module_silent", "address": 5})
    assert seen == {"look": "silent", "text": "silent"}


@pytest.mark.parametrize(
    ("silent", "look", "text"),
    [
        ((), "good", "all 8 good behind it"),
        (tuple(range(217, 225)), "silent", "8 of 8 silent behind it"),
        ((224,), "silent", "1 of 8 silent behind it"),
    ],
)
def test_a_break_is_judged_by_what_lies_behind_it(silent: tuple[int, ...], look: str, text: str) -> None:
    seen = seen_on(board_of(FakeBatteries(silent=silent)), {"kind": "bus_break", "address": 216})
    assert seen == {"look": look, "text": text}


def test_a_string_shows_its_state_and_current() -> None:
    board = board_of(FakeBatteries(discharging=(2,)))
    seen = seen_on(board, {"kind": "current_sensor_silent", "string": 2, "target": 2})
    assert seen["text"].replace("\u00a0", " ") == "discharging, −88.4 A"


def test_a_silent_current_sensor_has_no_current() -> None:
    board = board_of(FakeBatteries())
    assert board.snapshot is not None
    current = board.snapshot.strings.current_a.copy()
    current[0] = float("nan")
    object.__setattr__(board.snapshot.strings, "current_a", current)
    assert seen_on(board, {"kind": "current_sensor_silent", "string": 1})["look"] == "silent"


@pytest.mark.parametrize("fault", [{"target": "bus"}, {"address": 0}, {"address": True}, {}])
def test_anything_else_is_judged_by_all_batteries(fault: dict[str, object]) -> None:
    assert seen_on(board_of(FakeBatteries()), fault) == {"look": "good", "text": "all 256 good"}


def test_a_charger_is_judged_by_what_the_strings_do() -> None:
    seen = seen_on(board_of(FakeBatteries(discharging=(2,))), {"kind": "charger_off", "target": "charger"})
    assert seen["text"].replace("\u00a0", " ") == "discharging, float, 13.621 V a battery, ripple 0.4 A"


def test_stale_ones_are_counted_when_none_is_silent() -> None:
    seen = seen_on(board_of(FakeBatteries(stale=(1, 2))), {"kind": "bit_errors", "target": "bus"})
    assert seen == {"look": "stale", "text": "2 of 256 stale"}


def test_before_the_first_scan_nothing_is_known() -> None:
    board, _ = running_board()
    assert seen_on(board, {"address": 1}) == {"look": "unknown", "text": "no scan yet"}


def test_a_refused_bus_says_so() -> None:
    board = board_of(FakeBatteries())
    refused(board, {1: "9.9"})
    assert seen_on(board, {"kind": "wrong_revision", "address": 1}) == {"look": "alarm", "text": "bus refused"}


def test_a_broken_receiver_shows_in_what_became_of_its_messages() -> None:
    fine, other = QueueStatus("demo mail", "mail", delivered=3), QueueStatus("demo hook", "webhook", is_failing=True)
    failing = QueueStatus("second", "mail", waiting=2, is_failing=True, last_error="127.0.0.1: refused")
    assert seen_of_receiver([fine, other], "mail") == {"look": "good", "text": "nothing has failed"}
    assert seen_of_receiver([fine, failing], "mail") == {"look": "alarm", "text": "127.0.0.1: refused"}
    assert seen_of_receiver([QueueStatus("a", "sms", waiting=2)], "sms") == {"look": "good", "text": "2 waiting"}
    assert seen_of_receiver([fine], "sms") == {"look": "unknown", "text": "no receiver on this channel"}
