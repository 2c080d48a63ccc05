"""The first line of the status page."""

from dataclasses import replace

import pytest

from fakes.board import FakeBatteries, refused, running_board
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.picture import picture_of
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.web.looks.judge import Look
from webmanager.web.looks.verdict import Verdict, name_ranges, verdict

INSTALLATION = Installation(256, 8, BlockType())


def said(batteries: FakeBatteries) -> Verdict:
    board, _ = running_board(batteries)
    board.publish(batteries.snapshot(10_000.0, 1.7e9))
    return verdict(board, picture_of(board, 10_000.0, 1.7e9))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_all_is_well() -> None:
    assert said(FakeBatteries()) == Verdict(Look.GOOD, "All 256 batteries answer.")


def test_one_battery_alone() -> None:
    assert said(FakeBatteries(Installation(1, 1, BlockType()))).text == "The battery answers."


def test_silent_ones_are_named_with_their_duration_and_announced_without() -> None:
    spoken = said(FakeBatteries(silent=tuple(range(217, 225))))
    assert plain(spoken.text) == "8 of 256 batteries do not answer: S7-25 to S7-32, for 2 h 14 min."
    assert spoken.news == "8 of 256 batteries do not answer: S7-25 to S7-32."
    assert (spoken.look, spoken.name) == (Look.SILENT, "S7-25")


def test_the_worst_comes_first() -> None:
    spoken = said(FakeBatteries(silent=(224,), stale=(1,), implausible=(70,)))
    assert plain(spoken.text) == (
        "1 of 256 batteries does not answer: S7-32, for 2 h 14 min. "
        "1 of 256 batteries reports impossible values: S3-6. 1 of 256 batteries missed a scan: S1-1."
    )


@pytest.mark.parametrize(
    ("discharging", "said_of_it"),
    [
        ((), ""),
        ((3,), " 1 of 8 strings is discharging."),
        (tuple(range(1, 9)), " 8 of 8 strings are discharging."),
    ],
)
def test_a_discharge_is_said_though_nothing_is_wrong(discharging: tuple[int, ...], said_of_it: str) -> None:
    spoken = said(FakeBatteries(discharging=discharging))
    assert spoken == Verdict(Look.GOOD, f"All 256 batteries answer.{said_of_it}")
    spoken = said(FakeBatteries(discharging=discharging, silent=(1,)))
    assert spoken.text.endswith(said_of_it)
    assert spoken.news.endswith(said_of_it)


def test_the_only_string_is_not_counted() -> None:
    batteries = FakeBatteries(Installation(4, 1, BlockType()), discharging=(1,))
    assert said(batteries).text == "All 4 batteries answer. The string is discharging."


def test_one_that_never_answered_has_no_duration() -> None:
    board, batteries = running_board(FakeBatteries(silent=(4,)))
    snapshot = batteries.snapshot(100.0, 1.7e9)
    measured = snapshot.modules.measured_s.copy()
    measured[3] = float("nan")
    object.__setattr__(snapshot.modules, "measured_s", measured)
    board.publish(snapshot)
    assert (
        verdict(board, picture_of(board, 100.0, 1.7e9)).text
        == "1 of 256 batteries does not answer: S1-4, not once since the start."
    )


def test_before_the_first_scan() -> None:
    board = Board(INSTALLATION)
    assert verdict(board, picture_of(board, 0.0, 1.7e9)) == Verdict(Look.UNKNOWN, "The bus is being searched.")
    board.report_bus(BusReport(BusState.RUNNING, "runs"))
    assert verdict(board, picture_of(board, 0.0, 1.7e9)) == Verdict(Look.UNKNOWN, "The first scan is running.")


def test_a_dead_bus_says_what_the_bus_says() -> None:
    board, batteries = running_board()
    board.publish(batteries.snapshot(0.0, 0.0))
    board.report_bus(BusReport(BusState.DOWN, "COM3 is gone: check the adapter."))
    assert verdict(board, picture_of(board, 0.0, 1.7e9)) == Verdict(Look.ALARM, "COM3 is gone: check the adapter.")


def test_mixed_revisions_name_who_differs() -> None:
    board, _ = running_board()
    refused(board, {3: "2.1", 4: "2.1", 200: "0.9"})
    spoken = verdict(board, picture_of(board, 0.0, 1.7e9))
    assert spoken.text == (
        "The bus does not start because of mixed hardware revisions: S1-3 and S1-4 have 2.1; S7-8 has 0.9, "
        "all others have 1.4."
    )
    assert (spoken.look, spoken.name) == (Look.ALARM, "S1-3")


def test_a_refusal_without_names_says_what_the_bus_says() -> None:
    board, _ = running_board()
    refused(board, {})
    assert verdict(board, picture_of(board, 0.0, 1.7e9)).text == "mixed hardware revisions"


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        ([1], "S1-1"),
        ([1, 2], "S1-1 and S1-2"),
        ([3, 1, 2], "S1-1 to S1-3"),
        ([32, 33], "S1-32, S2-1"),
        ([1, 3, 5, 7, 9, 10], "S1-1, S1-3, S1-5, S1-7 and 2 more"),
        (list(range(25, 41)), "S1-25 to S1-32, S2-1 to S2-8"),
    ],
)
def test_neighbours_are_joined_within_a_string(addresses: list[int], text: str) -> None:
    assert name_ranges(INSTALLATION, addresses) == text


def test_a_module_exchanged_for_another_revision_is_a_warning_before_the_next_start() -> None:
    board, batteries = running_board()
    board.publish(batteries.snapshot(100.0, 1.7e9))
    board.report_bus(replace(board.bus, revision="1.4", odd_revisions={5: "9.9"}))
    spoken = verdict(board, picture_of(board, 100.0, 1.7e9))
    assert spoken.text == ("Another hardware revision than 1.4, with which the bus will not start again: S1-5 has 9.9.")
    assert (spoken.look, spoken.name) == (Look.WARNING, "S1-5")


def test_a_device_that_does_not_scan_any_more_says_so_first() -> None:
    board, batteries = running_board(FakeBatteries(silent=(3,)))
    board.publish(batteries.snapshot(100.0, 1.7e9))
    spoken = verdict(board, picture_of(board, 145.0, 1.7e9))
    assert plain(spoken.text) == "The device has not scanned for 45 s."
    assert (spoken.look, spoken.news) == (Look.ALARM, "The device does not scan.")
