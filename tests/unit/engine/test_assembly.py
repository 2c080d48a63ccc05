"""The rules of quality, seen through the snapshots: never a silent zero, never old data as new."""

from dataclasses import replace

import numpy as np
import pytest

from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Floats, Quality, RiReading, ScanReading
from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.engine.assembly import Moment, SnapshotAssembly

INSTALLATION = Installation(8, 2, BlockType())


class Bench:
    """Feeds an assembly with one scan every 2 s."""

    def __init__(self, installation: Installation = INSTALLATION) -> None:
        self.assembly = SnapshotAssembly(installation, EqualizingRules())
        self.at_s = 0.0
        size = installation.modules
        self.full = replace(
            ScanReading.silence(size, installation.strings, 0.0),
            answered=np.ones(size, np.bool_),
            voltage_v=np.full(size, 2.27 * installation.block.cells),
            temperature_c=np.full(size, 25.0),
            equalizing_percent=np.full(size, 10.0),
            current_a=np.full(installation.strings, 0.03),
            ripple_a=np.zeros(installation.strings),
        )

    def take(self, scan: ScanReading | None = None, step_s: float = 2.0) -> Snapshot:
        self.at_s += step_s
        moment = Moment(self.at_s, 1_700_000_000.0 + self.at_s, step_s)
        return self.assembly.take(scan or self.full, moment, np.zeros(len(self.full.current_a), np.bool_))

    def without(self, *addresses: int) -> ScanReading:
        """The full scan without the answers of these modules."""
        index = np.array(addresses) - 1

        def holes(values: Floats) -> Floats:
            values = values.copy()
            values[index] = np.nan
            return values

        answered = self.full.answered.copy()
        answered[index] = False
        return replace(
            self.full,
            answered=answered,
            voltage_v=holes(self.full.voltage_v),
            temperature_c=holes(self.full.temperature_c),
            equalizing_percent=holes(self.full.equalizing_percent),
        )

    def with_voltage(self, address: int, voltage_v: float) -> ScanReading:
        values = self.full.voltage_v.copy()
        values[address - 1] = voltage_v
        return replace(self.full, voltage_v=values)


def test_a_full_scan_is_good_throughout_and_numbered() -> None:
    bench = Bench()
    first, second = bench.take(), bench.take()
    assert (first.number, second.number) == (1, 2)
    assert (second.modules.quality == Quality.GOOD).all()
    assert second.answered == 8
    assert second.strings.voltage_v.tolist() == pytest.approx([4 * 13.62] * 2)
    assert second.strings.quality.tolist() == [StringQuality.GOOD] * 2
    assert second.strings.state.tolist() == [StringState.FLOAT] * 2


def test_a_module_that_never_answered_is_silent_from_the_start() -> None:
    bench = Bench()
    snapshot = bench.take(bench.without(3))
    assert snapshot.modules.quality[2] == Quality.SILENT
    assert np.isnan(snapshot.modules.voltage_v[2])
    assert snapshot.ages_s(bench.at_s)[2] == np.inf


def test_a_missed_scan_keeps_the_value_as_stale_with_its_age_and_the_third_takes_it_away() -> None:
    bench = Bench()
    bench.take()
    for missed in (1, 2):
        snapshot = bench.take(bench.without(3))
        assert snapshot.modules.quality[2] == Quality.STALE
        assert snapshot.modules.voltage_v[2] == pytest.approx(13.62)
        assert snapshot.ages_s(bench.at_s)[2] == 2.0 * missed
    snapshot = bench.take(bench.without(3))
    assert snapshot.modules.quality[2] == Quality.SILENT
    for values in (snapshot.modules.voltage_v, snapshot.modules.temperature_c, snapshot.modules.equalizing_percent):
        assert np.isnan(values[2])
    assert snapshot.ages_s(bench.at_s + 100)[2] == 106.0
    assert bench.take().modules.quality[2] == Quality.GOOD


def test_the_total_of_an_incomplete_string_is_unknown_not_smaller() -> None:
    bench = Bench()
    snapshot = bench.take(bench.without(3))
    assert np.isnan(snapshot.strings.voltage_v[0])
    assert snapshot.strings.average_v[0] == pytest.approx(13.62)
    assert snapshot.strings.quality.tolist() == [StringQuality.INCOMPLETE, StringQuality.GOOD]
    assert snapshot.strings.answering.tolist() == [3, 4]


def test_a_whole_silent_string_has_no_figures_at_all() -> None:
    bench = Bench()
    snapshot = bench.take(bench.without(1, 2, 3, 4))
    for values in (snapshot.strings.voltage_v, snapshot.strings.average_v, snapshot.strings.spread_v):
        assert np.isnan(values[0])
        assert not np.isnan(values[1])
    assert snapshot.strings.state[0] == StringState.UNKNOWN
    assert snapshot.strings.quality[0] == StringQuality.SILENT


@pytest.mark.parametrize("voltage_v", [0.0, 1.7, 20.1, 65.5])
def test_a_voltage_no_such_block_can_have_is_implausible_and_not_published(voltage_v: float) -> None:
    bench = Bench()
    bench.take()
    snapshot = bench.take(bench.with_voltage(5, voltage_v))
    assert snapshot.modules.quality[4] == Quality.IMPLAUSIBLE
    assert np.isnan(snapshot.modules.voltage_v[4])
    assert np.isnan(snapshot.modules.temperature_c[4])
    assert bench.take().modules.quality[4] == Quality.GOOD


def test_an_implausible_module_that_goes_silent_is_silent() -> None:
    bench = Bench()
    bench.take(bench.with_voltage(5, 0.0))
    qualities = [int(bench.take(bench.without(5)).modules.quality[4]) for _ in range(3)]
    assert qualities == [Quality.IMPLAUSIBLE, Quality.IMPLAUSIBLE, Quality.SILENT]


def test_a_broken_temperature_sensor_hides_the_temperature_alone() -> None:
    bench = Bench()
    values = bench.full.temperature_c.copy()
    values[0] = 130.0
    snapshot = bench.take(replace(bench.full, temperature_c=values))
    assert np.isnan(snapshot.modules.temperature_c[0])
    assert snapshot.modules.quality[0] == Quality.GOOD
    assert snapshot.modules.voltage_v[0] == pytest.approx(13.62)


def test_internal_resistance_keeps_the_time_it_was_measured() -> None:
    bench = Bench()
    bench.assembly.note_ri(RiReading(2, 4.25, 25.0, 3600.0), 1_700_000_000.0)
    snapshot = bench.take()
    assert snapshot.modules.ri_mohm[1] == pytest.approx(4.25)
    assert snapshot.modules.ri_measured_at[1] == pytest.approx(1_700_000_000.0 - 3600.0)
    assert np.isnan(snapshot.modules.ri_mohm[0])
    bench.assembly.note_ri(RiReading(2, 0.0, 25.0, 0.0), 1_700_000_000.0)
    assert np.isnan(bench.take().modules.ri_mohm[1])


def test_the_deviation_is_from_the_mean_of_the_valid_batteries() -> None:
    bench = Bench()
    snapshot = bench.take(bench.with_voltage(1, 11.35))
    assert snapshot.modules.deviation_percent[0] == pytest.approx((11.35 / 13.62 - 1) * 100)
    assert snapshot.modules.deviation_percent[1] == pytest.approx(0.0, abs=1e-9)
    assert snapshot.modules.excluded.tolist() == [True] + [False] * 7


def test_equalizing_rests_for_a_minute_after_a_discharge_and_while_ri_is_measured() -> None:
    bench = Bench()
    bench.take()
    discharge = replace(bench.full, current_a=np.array([-10.0, 0.03]))
    during = bench.take(discharge)
    assert np.isnan(during.strings.reference_v[0])
    assert during.strings.reference_v[1] == pytest.approx(13.62)
    after = bench.take()
    assert after.strings.state[0] == StringState.FLOAT
    assert np.isnan(after.strings.reference_v[0])
    assert bench.take(step_s=60.0).strings.reference_v[0] == pytest.approx(13.62)
    moment = Moment(bench.at_s + 2, 0.0, 2.0)
    assert np.isnan(bench.assembly.take(bench.full, moment, np.array([True, False])).strings.reference_v[0])


def test_no_reader_can_change_a_snapshot() -> None:
    snapshot = Bench().take()
    for struct in (snapshot.modules, snapshot.strings):
        for name in struct.__slots__:
            with pytest.raises(ValueError, match="read-only"):
                getattr(struct, name)[0] = 1


def test_an_old_snapshot_is_not_touched_by_the_scans_after_it() -> None:
    bench = Bench()
    first = bench.take()
    bench.take(bench.with_voltage(1, 13.0))
    assert first.modules.voltage_v[0] == pytest.approx(13.62)


def test_256_modules_fit_as_well() -> None:
    bench = Bench(Installation(256, 8, BlockType()))
    assert bench.take().answered == 256


def test_a_current_sensor_that_misses_keeps_its_value_as_long_as_a_module_does() -> None:
    bench = Bench()
    charging = replace(bench.full, current_a=np.array([8.0, 0.03]), ripple_a=np.array([0.5, 0.0]))
    bench.take(charging)
    missing = replace(bench.full, current_a=np.array([np.nan, 0.03]), ripple_a=np.array([np.nan, 0.0]))
    for _ in range(2):
        strings = bench.take(missing).strings
        assert (strings.current_a[0], strings.ripple_a[0]) == (8.0, 0.5)
        assert strings.state[0] == StringState.CHARGING
    strings = bench.take(missing).strings
    assert np.isnan(strings.current_a[0])
    assert np.isnan(strings.ripple_a[0])
    assert strings.current_a[1] == 0.03
    assert bench.take(charging).strings.current_a[0] == 8.0


def test_a_sensor_that_was_never_heard_has_no_value() -> None:
    bench = Bench()
    bench.full = replace(bench.full, current_a=np.full(2, np.nan))
    assert np.isnan(bench.take().strings.current_a).all()
