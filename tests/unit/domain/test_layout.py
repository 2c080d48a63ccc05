import numpy as np
import pytest

from fakes.observations import room_of
from webmanager.domain.events import Severity
from webmanager.domain.layout import Layout, places_of
from webmanager.domain.limits import ROWS, Change, Limits, Scope, limits_of

LAYOUT = Layout(room_of(32, 2), limits_of())


def test_every_cell_belongs_to_exactly_one_tier_and_place() -> None:
    seen = set()
    for cell in range(LAYOUT.size):
        limit, place = LAYOUT.at(cell)
        assert 0 <= place < places_of(limit.row, LAYOUT.installation)
        assert LAYOUT.cell_of(limit.row.kind, limit.severity.word, place) == cell
        seen.add((limit.row.kind, limit.severity, place))
    assert len(seen) == LAYOUT.size


def test_a_kind_has_a_view_of_its_cells() -> None:
    flat = np.arange(LAYOUT.size)
    block = LAYOUT.blocks["temperature_high"]
    grid = block.grid(flat)
    assert grid.shape == (2, 32)
    assert grid[1, 4] == LAYOUT.cell_of("temperature_high", "alarm", 4)
    assert np.shares_memory(grid, flat)


@pytest.mark.parametrize(
    ("kind", "place", "slot"),
    [
        ("voltage_low", 16, ("battery", 17)),
        ("ri_rise", 16, ("battery", 17)),
        ("module_lost", 16, ("module", 17)),
        ("bus_open", 1, ("bus_open", 2)),
        ("charger_overvoltage", 1, ("charger_high", 0)),
        ("bus_down", 0, ("bus", 0)),
    ],
)
def test_a_cell_knows_what_its_alarm_is_about(kind: str, place: int, slot: tuple[str, int]) -> None:
    cell = LAYOUT.cell_of(kind, LAYOUT.blocks[kind].limits[0].severity.word, place)
    assert cell is not None
    assert LAYOUT.slot_of(cell) == slot


@pytest.mark.parametrize("found", [("voltage_low", "notice", 0), ("voltage_low", "alarm", 32), ("nothing", "alarm", 0)])
def test_what_is_not_there_has_no_cell(found: tuple[str, str, int]) -> None:
    assert LAYOUT.cell_of(*found) is None


def test_measures_reach_all_tiers_of_their_kind_and_what_is_not_measured_is_unknown() -> None:
    out = np.zeros(LAYOUT.size)
    temperature = np.arange(32.0)
    LAYOUT.spread(({"temperature_high": temperature}, {"bus_open": np.array([0.0, 3.0])}, {"bus_down": 1.0}), out)
    assert LAYOUT.blocks["temperature_high"].grid(out).tolist() == [temperature.tolist()] * 2
    assert LAYOUT.blocks["bus_open"].grid(out).tolist() == [[0.0, 3.0]]
    assert LAYOUT.blocks["bus_down"].grid(out).tolist() == [[1.0]]
    assert np.isnan(LAYOUT.blocks["voltage_low"].grid(out)).all()
    assert np.isnan(LAYOUT.blocks["scan_stopped"].grid(out)).all()


def test_a_kind_without_tiers_has_no_cells() -> None:
    off = frozenset({Severity.WARNING, Severity.ALARM})
    layout = Layout(room_of(), limits_of({"temperature_low": Change(off=off)}))
    assert "temperature_low" not in layout.blocks
    assert "room_cold" not in layout.blocks
    out = np.zeros(layout.size)
    layout.spread(({"temperature_low": np.zeros(32)}, {}, {}), out)
    assert np.isnan(out).all()


def test_all_limits_off_is_possible() -> None:
    layout = Layout(room_of(), Limits(()))
    assert layout.size == 0
    layout.spread(({}, {}, {}), np.zeros(0))


def test_thresholds_stand_on_their_cells() -> None:
    thresholds = LAYOUT.thresholds()
    low = LAYOUT.cell_of("voltage_low", "alarm", 7)
    rise = LAYOUT.cell_of("ri_rise", "notice", 7)
    assert (thresholds.raise_at[low], thresholds.clear_at[low], thresholds.sign[low]) == (
        2.12,
        pytest.approx(2.14),
        -1.0,
    )
    assert (thresholds.hold[rise], thresholds.counted[rise], thresholds.counted[low]) == (3.0, True, False)


def test_scopes_have_as_many_places_as_there_are() -> None:
    installation = room_of(30, 3)
    assert {row.scope: places_of(row, installation) for row in ROWS.values()} == {
        Scope.BATTERY: 30,
        Scope.STRING: 3,
        Scope.DEVICE: 1,
    }
