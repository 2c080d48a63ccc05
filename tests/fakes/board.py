"""A board with believable data: 256 blocks on float, a few of them silent, stale or implausible."""

from dataclasses import dataclass, field, replace

import numpy as np

from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import ModuleIdentity, Quality
from webmanager.domain.snapshot import ModuleValues, Snapshot, StringQuality, StringState, StringValues, freeze
from webmanager.engine.board import Board, BusReport, BusState

SILENT = tuple(range(217, 225))
STALE = (126,)
IMPLAUSIBLE = (70,)


@dataclass
class FakeBatteries:
    """Makes snapshots; change `silent`, `stale`, `implausible` (addresses) and the next one shows it."""

    installation: Installation = field(
        default_factory=lambda: Installation(256, 8, BlockType(), "UPS room north", "Building C, basement 2")
    )
    silent: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    implausible: tuple[int, ...] = ()
    discharging: tuple[int, ...] = ()
    low: dict[int, float] = field(default_factory=dict)
    seed: int = 7
    number: int = 0

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        count = self.installation.modules
        self._random = random
        self._offset_v = np.clip(random.normal(0, 0.021, count), -0.06, 0.06)
        self._ri_mohm = 4.3 * random.normal(1, 0.035, count)
        self._temperature_c = 23.4 + random.normal(0, 0.4, count)
        self._equalizing = np.clip(random.normal(10, 16, count) + self._offset_v * 420, 0, 100)
        self._charges = random.integers(34, 39, count)

    def identities(self) -> dict[int, ModuleIdentity]:
        """One identity per module."""
        return {
            address: ModuleIdentity(address, "C40", "1.4", "2.03", 40_000 + address, 12)
            for address in range(1, self.installation.modules + 1)
        }

    def snapshot(self, at_s: float, taken_at: float) -> Snapshot:
        """The next snapshot."""
        self.number += 1
        modules = self._modules(at_s, taken_at)
        strings = self._strings(modules)
        freeze(modules)
        freeze(strings)
        return Snapshot(
            number=self.number,
            at_s=at_s,
            taken_at=taken_at,
            duration_s=1.172,
            period_s=2.0,
            errors=0,
            installation=self.installation,
            modules=modules,
            strings=strings,
        )

    def _modules(self, at_s: float, taken_at: float) -> ModuleValues:
        count = self.installation.modules
        quality = np.zeros(count, dtype=np.int8)
        for addresses, value in (
            (self.silent, Quality.SILENT),
            (self.stale, Quality.STALE),
            (self.implausible, Quality.IMPLAUSIBLE),
        ):
            quality[[address - 1 for address in addresses]] = value
        gone = quality >= Quality.SILENT
        volts = 13.62 + self._offset_v + self._random.normal(0, 0.001, count)
        for address, value in self.low.items():
            volts[address - 1] = value
        volts[gone] = np.nan
        rows = self.installation.by_string(volts)
        means = np.array([np.nanmean(row) if not np.isnan(row).all() else np.nan for row in rows])
        reference = np.repeat(means, self.installation.per_string)
        measured = np.full(count, at_s)
        measured[quality == Quality.STALE] -= 4
        measured[quality == Quality.SILENT] -= 8040
        return ModuleValues(
            voltage_v=volts,
            temperature_c=np.where(gone, np.nan, self._temperature_c + self._random.normal(0, 0.05, count)),
            ri_mohm=np.where(gone, np.nan, self._ri_mohm),
            ri_measured_at=np.where(gone, np.nan, taken_at - 3600.0 * (np.arange(count) % 12)),
            equalizing_percent=np.where(gone, np.nan, self._equalizing),
            deviation_percent=(volts / reference - 1) * 100,
            reference_v=reference,
            quality=quality,
            measured_s=measured,
            status=np.zeros(count, dtype=np.uint8),
            excluded=np.abs(volts / reference - 1) > 0.08,
            charges=self._charges.copy(),
            discharges=self._charges + 1,
        )

    def _strings(self, modules: ModuleValues) -> StringValues:
        count = self.installation.strings
        rows = self.installation.by_string(modules.voltage_v)
        answering = (~np.isnan(rows)).sum(axis=1)
        some = [row[~np.isnan(row)] for row in rows]
        whole = answering == self.installation.per_string
        current = np.where(
            np.isin(np.arange(count) + 1, self.discharging), -88.4, self._random.normal(0.027, 0.003, count)
        )
        state = np.where(np.isin(np.arange(count) + 1, self.discharging), StringState.DISCHARGING, StringState.FLOAT)
        average = np.array([row.mean() if len(row) else np.nan for row in some])
        return StringValues(
            current_a=current,
            ripple_a=np.full(count, 0.42),
            voltage_v=np.where(whole, rows.sum(axis=1), np.nan),
            average_v=average,
            spread_v=np.array([np.ptp(row) if len(row) else np.nan for row in some]),
            reference_v=average,
            state=state.astype(np.int8),
            quality=np.where(
                whole, StringQuality.GOOD, np.where(answering > 0, StringQuality.INCOMPLETE, StringQuality.SILENT)
            ).astype(np.int8),
            answering=answering.astype(np.int64),
        )


def running_board(batteries: FakeBatteries | None = None) -> tuple[Board, FakeBatteries]:
    """A board whose bus runs and knows its modules, still without a snapshot."""
    batteries = batteries or FakeBatteries()
    board = Board(batteries.installation)
    board.identify(batteries.identities())
    board.report_bus(BusReport(BusState.RUNNING, "The bus runs.", "1.4"))
    return board, batteries


def refused(board: Board, odd: dict[int, str]) -> None:
    """The bus refuses to start because of these revisions."""
    board.report_bus(replace(board.bus, state=BusState.REFUSED, text="mixed hardware revisions", odd_revisions=odd))
