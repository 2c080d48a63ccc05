"""Steps and slews of the device's clock against the real store and the real alarm desk: nothing is lost or mistimed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fakes.alarm_bench import AlarmBench
from webmanager.domain.events import Change
from webmanager.engine.clock import WallClock
from webmanager.engine.history_ports import EventRecord, Selection, Series
from webmanager.store.history import FlashHistory

TRUE = 1_700_000_040.0
"""The real time when the device starts, at the beginning of a minute."""
LOW_V = 12.8


class ClockBench(AlarmBench):
    """The alarm bench on a clock that can be set; every scan goes to a real store as well."""

    def __init__(self, data_dir: Path, begins_at: float | None) -> None:
        self.now_s = 0.0
        self.clock = WallClock(begins_at, host_now=self.true_time, host_monotonic=lambda: self.now_s)
        super().__init__(4, 1)
        self.history = FlashHistory(data_dir, self.installation, sectors=64)

    @property
    def at(self) -> float:
        return self.clock.now()

    def true_time(self) -> float:
        return TRUE + self.now_s

    def measure_for(self, seconds: float) -> None:
        """Scans every 10 s."""
        for _ in range(round(seconds / 10)):
            self.scan(1, step_s=10.0)
            assert self.snapshot is not None
            self.history.add(self.snapshot)

    def synchronise(self) -> bool:
        """What a good answer of a time server does: True if it was a step."""
        return self.clock.adjust(self.true_time() - self.clock.now())

    def stored(self) -> Series:
        assert self.history.wait(20)
        return self.history.query(Selection("voltage", 1), None, None, 100_000)


@pytest.fixture
def in_1970(tmp_path: Path) -> Iterator[ClockBench]:
    bench = ClockBench(tmp_path, 0.0)
    yield bench
    bench.history.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ClockBench]:
    bench = ClockBench(tmp_path, None)
    yield bench
    bench.history.close()


def minutes(series: Series) -> list[int]:
    """Stored minutes that hold a value, counted from the true start."""
    return [round((t - TRUE) / 60) for t in series.t[~np.isnan(series.mean)]]


def test_what_was_measured_in_1970_is_dated_again_when_the_clock_is_set(in_1970: ClockBench) -> None:
    in_1970.measure_for(1800)
    assert in_1970.stored().t[-1] < 86_400, "until then nobody can know better"
    assert in_1970.synchronise()
    in_1970.measure_for(1800)
    found = minutes(in_1970.stored())
    assert found == sorted(set(found))
    assert len(found) >= 58
    assert -2 <= found[0] <= 1
    assert 57 <= found[-1] <= 60


@pytest.mark.parametrize("wrong_s", [7200.0, -7200.0, 90.0, -90.0, 4e6, -4e6])
def test_a_step_loses_no_more_than_the_minutes_at_its_edge(bench: ClockBench, wrong_s: float) -> None:
    bench.measure_for(1800)
    bench.clock.adjust(wrong_s)
    bench.measure_for(1800)
    bench.clock.adjust(-wrong_s)
    bench.measure_for(1800)
    series = bench.stored()
    found = minutes(series)
    assert (np.diff(series.t) > 0).all(), "time in the store never goes back"
    assert len(found) == len(set(found))
    assert len(found) >= 82
    assert series.t[-1] == pytest.approx(TRUE + 5400.0, abs=180.0)
    assert bench.history.status().state == "ok"


@pytest.mark.parametrize("offset_s", [0.45, -0.45])
def test_a_slew_loses_no_minute(bench: ClockBench, offset_s: float) -> None:
    bench.measure_for(600)
    assert not bench.clock.adjust(offset_s)
    bench.measure_for(3000)
    assert minutes(bench.stored()) == list(range(60 if offset_s > 0 else 59))


def test_events_stay_in_their_order_when_the_clock_goes_back(bench: ClockBench) -> None:
    for number in range(3):
        bench.measure_for(120)
        bench.history.append_event(EventRecord(bench.clock.now(), "test", {"n": number}))
        bench.clock.adjust(-7200.0)
    assert bench.history.wait(20)
    told = [record.document["n"] for record in bench.history.events(None, None, 10)]
    assert sorted(told) == [0, 1, 2]
    numbers = [record.number for record in bench.history.events(None, None, 10)]
    assert len(set(numbers)) == 3


@pytest.mark.parametrize("step_s", [1.7e9, -3600.0, 40.0, -40.0, 0.4, -0.4])
def test_a_hold_lasts_as_long_as_it_lasts_whatever_the_clock_does_meanwhile(bench: ClockBench, step_s: float) -> None:
    bench.scan_for(20)
    bench.volts[2] = LOW_V
    bench.scan_for(30)
    bench.clock.adjust(step_s)
    bench.scan_for(30)
    assert bench.events == []
    raised = bench.scan_for(4)
    assert [event.change for event in raised] == [Change.RAISED]
    assert raised[0].at == pytest.approx(bench.clock.now(), abs=4.0)
    since = bench.desk.picture.alarms[0].found.since_at
    assert bench.clock.now() - since == pytest.approx(62.0, abs=42.0)

    bench.volts[2] = 13.62
    bench.scan_for(30)
    bench.clock.adjust(-step_s)
    bench.scan_for(28)
    assert bench.desk.picture.alarms != ()
    assert [event.change for event in bench.scan_for(6)] == [Change.CLEARED]


@pytest.mark.parametrize("step_s", [1.7e9, -7200.0, 7200.0])
def test_a_shelf_lasts_an_hour_whatever_the_clock_does_meanwhile(bench: ClockBench, step_s: float) -> None:
    bench.volts[2] = LOW_V
    bench.scan_for(70)
    [alarm] = bench.desk.picture.alarms
    bench.desk.shelve(alarm.id, bench.at + 3600.0, "somebody", bench.at)
    bench.scan_for(1800)
    bench.clock.adjust(step_s)
    bench.scan_for(1780)
    assert bench.desk.picture.alarms[0].shelved_until is not None
    bench.scan_for(40)
    assert bench.desk.picture.alarms[0].shelved_until is None


def test_a_clock_that_is_not_synchronised_is_an_alarm_that_ends(bench: ClockBench) -> None:
    bench.desk.report("clock_unsynchronised", 1.0, "no time server has answered yet")
    [raised] = bench.scan_for(64)
    assert raised.kind == "clock_unsynchronised"
    assert raised.text.startswith("Clock not synchronised: no time server has answered yet, since")
    bench.desk.report("clock_unsynchronised", 0.0, "it follows 192.0.2.1")
    [cleared] = bench.scan_for(64)
    assert cleared.change is Change.CLEARED
