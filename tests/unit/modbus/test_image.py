import math
import struct
from dataclasses import replace

import numpy as np
import pytest

from fakes.alarm_bench import AlarmBench
from fakes.snapshots import TAKEN_AT, FakeBoard, FakeBus, installation_of, silenced, snapshot_of
from webmanager.domain.errors import WebmanagerError
from webmanager.domain.picture import picture_of
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.engine.clock import ManualClock
from webmanager.engine.notify_ports import Output
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.image import RUN_ENDS, LiveImage, encode
from webmanager.modbus.registers import REGISTERS
from webmanager.outputs.board import SimulatedOutputs

SMALL = installation_of(8, 2)


def registers(snapshot: Snapshot | None, after_s: float = 1.0, board: FakeBoard | None = None) -> tuple[int, ...]:
    if board is None:
        board = FakeBoard(SMALL) if snapshot is None else FakeBoard.showing(snapshot)
    image = encode(picture_of(board, 100.0 + after_s, TAKEN_AT + after_s))
    assert len(image) == 2 * REGISTERS
    return struct.unpack(f">{REGISTERS}H", image)


def changed(**modules: object) -> Snapshot:
    return snapshot_of(SMALL, modules=modules)


def test_each_quantity_in_its_scale() -> None:
    found = registers(
        changed(
            voltage_v=[13.628, 12.0, 2.2705, 0.001, 16.0, 13.6, 13.6, 13.6],
            temperature_c=[25.0, -0.1, -20.0, 24.96, 100.0, 0.0, 25.0, 25.0],
            ri_mohm=[4.2, 0.02, 200.0, 3.456, 4.0, 4.0, 4.0, 4.0],
            equalizing_percent=[0.0, 100.0, 33.3, 0.4, 50.0, 50.0, 50.0, 50.0],
        )
    )
    assert found[2000:2005] == (13628, 12000, 2270, 1, 16000)
    assert found[2300:2306] == (250, 0xFFFF, 0x10000 - 200, 250, 1000, 0)
    assert found[2600:2604] == (420, 2, 20000, 346)
    assert found[2900:2904] == (0, 1000, 333, 4)
    assert found[3800:3808] == (1, 1, 1, 1, 2, 2, 2, 2)
    assert found[3500:3508] == (1,) * 8
    assert found[3200:3208] == (0,) * 8


def test_the_public_block_of_each_string() -> None:
    strings = {"current_a": [-12.34, 0.03], "voltage_v": [435.87, 436.0], "average_v": [13.62, 13.625],
               "ripple_a": [0.42, 10.0]}  # fmt: skip
    found = registers(snapshot_of(SMALL, strings=strings))
    assert found[1010:1015] == (0x10000 - 1234, 4359, 1362, 42, 0xFFFF)
    assert found[1015:1020] == (3, 4360, 1362, 1000, 0xFFFF)
    assert found[1020:1025] == (0x8000, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)
    assert found[1003:1010] == (2, 8, *[0xFFFF] * 5)


def test_the_registers_of_the_device() -> None:
    found = registers(replace(snapshot_of(SMALL), number=65_537, duration_s=0.9136))
    assert found[4100] == 1
    assert found[4101] << 16 | found[4102] == int(TAKEN_AT) + 1
    assert found[4103:4106] == (0xFFFF, 0xFFFF, 914)
    assert found[1000] == 0x00C1


def test_what_is_not_installed_is_no_value_in_every_column() -> None:
    found = registers(snapshot_of(SMALL))
    for first in (2000, 2600, 2900, 3200, 3500, 3800):
        assert set(found[first + 8 : first + 256]) == {0xFFFF}
    assert set(found[2308:2556]) == {0x8000}
    assert set(found[97:104]) == {0xFFFF}
    assert set(found[104:109]) == {0x8000}
    assert set(found[115:151]) == {0xFFFF}


def test_before_the_first_scan_only_the_device_itself_has_values() -> None:
    found = registers(None)
    assert set(found[2000:2256]) | set(found[3500:3756]) | {found[4100], found[4105]} == {0xFFFF}
    assert found[1000:1005] == (0x2, 0, 0, 2, 8)
    assert found[3200:3208] == (0x240,) * 8
    assert found[3800:3808] == (1, 1, 1, 1, 2, 2, 2, 2)


def test_a_silent_module_keeps_its_age_and_nothing_else() -> None:
    found = registers(silenced(snapshot_of(SMALL), 3))
    assert (found[2002], found[2302], found[2602], found[2902]) == (0xFFFF, 0x8000, 0xFFFF, 0xFFFF)
    assert (found[3202], found[3502], found[3802]) == (0x40, 31, 1)
    assert found[1000] & 0x4


def test_when_the_scans_stop_nothing_old_looks_new() -> None:
    fresh, stale, gone = (registers(snapshot_of(SMALL), after_s) for after_s in (1.0, 30.0, 61.0))
    assert stale[2000:2008] == fresh[2000:2008]
    assert stale[3200:3208] == (0x80,) * 8
    assert stale[3500:3508] == (30,) * 8
    assert set(gone[2000:2256]) | set(gone[2600:2856]) | set(gone[2900:3156]) == {0xFFFF}
    assert set(gone[2300:2556]) == {0x8000}
    assert gone[1010:1014] == (0x8000, 0xFFFF, 0xFFFF, 0xFFFF)
    assert gone[3200:3208] == (0x40,) * 8
    assert gone[3500:3508] == (61,) * 8
    assert gone[1000] == 0


@pytest.mark.parametrize(("age_s", "register"), [(65_533, 65_533), (65_534, 65_534), (70_000, 65_534), (1e9, 65_534)])
def test_an_age_stops_at_the_highest_number_that_is_not_never(age_s: float, register: int) -> None:
    assert registers(snapshot_of(SMALL), age_s)[3500] == register


def test_a_module_that_never_answered_has_no_age() -> None:
    assert registers(changed(measured_s=[math.nan, *[100.0] * 7]))[3500:3502] == (65_535, 1)


@pytest.mark.parametrize("impossible", [-0.001, 65.535, 70.0, 1e30, math.inf, -math.inf, math.nan])
def test_what_does_not_fit_is_no_value_rather_than_another_number(impossible: float) -> None:
    assert registers(changed(voltage_v=impossible))[2000] == 0xFFFF


@pytest.mark.parametrize(
    ("current_a", "register"),
    [(327.67, 0x7FFF), (327.68, 0x8000), (-327.67, 0x8001), (-327.68, 0x8000), (-500.0, 0x8000), (-0.01, 0xFFFF)],
)
def test_the_ends_of_a_signed_register(current_a: float, register: int) -> None:
    assert registers(snapshot_of(SMALL, strings={"current_a": current_a}))[1010] == register


@pytest.mark.parametrize("impossible", [math.inf, -1.0, 1e306, math.nan])
def test_the_same_for_a_value_of_the_device(impossible: float) -> None:
    assert registers(replace(snapshot_of(SMALL), duration_s=impossible))[4105] == 0xFFFF


def test_a_long_scan_shows_the_longest_time_a_register_holds() -> None:
    assert registers(replace(snapshot_of(SMALL), duration_s=120.0))[4105] == 0xFFFE


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (256, 8), (250, 10)])
def test_every_installation_fits(size: tuple[int, int]) -> None:
    found = registers(snapshot_of(installation_of(*size)))
    assert found[1003:1005] == (size[1], size[0])
    assert 0xFFFF not in found[2000 : 2000 + size[0]]
    assert found[2000 + size[0] : 2256].count(0xFFFF) == 256 - size[0]


def test_unassigned_registers_are_zero_and_never_served() -> None:
    found = np.array(registers(snapshot_of(SMALL)))
    assert not found[np.array(RUN_ENDS) == 0].any()


class Live:
    """A real board on a clock a test moves."""

    def __init__(self) -> None:
        self.board = Board(SMALL)
        self.clock = ManualClock()
        self.image = LiveImage(self.board, self.clock)
        self.board.report_bus(BusReport(BusState.RUNNING, "running", "1.4"))
        self.publish(1)

    def publish(self, number: int) -> None:
        self.board.publish(snapshot_of(SMALL, number=number, at_s=self.clock.monotonic()))

    def register(self, address: int) -> int:
        return int.from_bytes(self.image()[2 * address : 2 * address + 2], "big")


def test_the_image_is_made_once_for_a_snapshot_and_a_second() -> None:
    live = Live()
    first = live.image()
    assert live.image() is first
    live.clock.advance(0.5)
    assert live.image() is first
    assert live.image.encodings == 1


def test_a_new_snapshot_is_seen_at_once() -> None:
    live = Live()
    assert live.register(4100) == 1
    live.publish(2)
    assert live.register(4100) == 2
    assert live.image.encodings == 2


def test_ages_and_the_clock_move_without_a_scan() -> None:
    live = Live()
    before = live.register(4102)
    assert live.register(3500) == 0
    live.clock.advance(3.0)
    assert live.register(3500) == 3
    assert live.register(4102) == before + 3
    live.clock.advance(60.0)
    assert live.register(2000) == 0xFFFF


def test_a_change_of_the_bus_is_seen_at_once() -> None:
    live = Live()
    assert live.register(1000) & 0x1
    live.board.report_bus(BusReport(BusState.DOWN, "the port is gone"))
    assert live.register(1000) == 0


def test_modules_found_are_seen_at_once() -> None:
    board = FakeBoard(SMALL, bus=FakeBus("running"))
    image = LiveImage(board, ManualClock())
    first = image()
    board.identities = {1: object()}
    assert image() != first


def test_alarms_and_outputs_are_seen_at_once() -> None:
    bench, outputs = AlarmBench(), SimulatedOutputs()
    board = Board(bench.installation)
    image = LiveImage(board, ManualClock(), lambda: bench.desk.picture, RelayCoils(outputs).switched)
    board.report_bus(BusReport(BusState.RUNNING, "running", "1.4"))

    def registers(first: int, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}H", image()[2 * first : 2 * (first + count)])

    assert registers(4103, 2) == (0, 0)
    bench.silence(5)
    bench.scan_for(60.0)
    assert registers(4103, 2) == (1, 1)
    assert registers(1002, 1) == (0x41,)
    bench.desk.acknowledge(bench.desk.picture.alarms[0].id, "somebody", bench.at)
    assert registers(4103, 2) == (1, 0)
    outputs.switch(Output.RELAY_2, True)
    assert registers(1002, 1) == (0x8,)
    encodings = image.encodings
    bench.scan()
    assert image() is image()
    assert image.encodings == encodings


def test_an_image_that_cannot_be_made_is_an_error_of_its_source() -> None:
    class Broken(FakeBoard):
        @property
        def bus(self) -> FakeBus:  # type: ignore[override]
            raise WebmanagerError("broken")

        @bus.setter
        def bus(self, _value: FakeBus) -> None:
            pass

    with pytest.raises(WebmanagerError, match="broken"):
        LiveImage(Broken(SMALL), ManualClock())()
