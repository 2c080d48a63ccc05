from pathlib import Path

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room import tables
from webmanager.room.parameters import SETS, cell_set, constants


def test_finds_a_set_by_name_in_any_case():
    assert cell_set("agm").name == "AGM"
    assert cell_set("OPzV").name == "OPZV"


def test_names_the_known_ones():
    with pytest.raises(ConfigError, match="'NiCd' is not known: AGM, GEL, OPZV"):
        cell_set("NiCd")


@pytest.mark.parametrize("name", SETS)
def test_figures_are_physical(name):
    one = SETS[name]
    assert 2.0 < one.e0_v < 2.2
    assert one.e0_v < one.float_v_per_cell < one.boost_v_per_cell < 2.5
    assert 0 < one.well_share < 1
    assert one.charge_pole >= 1
    assert 0 < one.r0_ohm < 0.01
    assert 0.1 < one.gassing_decade_v < 0.25


def test_the_documentation_names_the_figures_in_force():
    page = (Path(__file__).parents[3] / "docs" / "battery-model.md").read_text(encoding="utf-8")
    agm, gel, opzv = SETS["AGM"], SETS["GEL"], SETS["OPZV"]
    for row in (
        f"| {agm.e0_v}, {agm.e_slope_v:.4f}, {agm.e_curve_v:.4f} | same | {opzv.e0_v:.3f} |",
        f"| {agm.e_log_v:.4f}, {agm.e_log_offset:.4f} | same | same |",
        "| " + " | ".join(f"{s.q_ah}, {s.well_share:.3f}, {s.well_rate_per_s:.2e}" for s in (agm, gel, opzv)) + " |",
        f"| {1e3 * agm.r0_ohm:.2f} | {1e3 * gel.r0_ohm:.2f} | {1e3 * opzv.r0_ohm:.1f} |",
        f"| {1e3 * agm.discharge_ohm:.3f}, {agm.discharge_rise:.2f} | {1e3 * gel.discharge_ohm:.3f} |",
        f"| {1e3 * agm.charge_ohm:.2f}, {agm.charge_rise:.3f}, {agm.charge_pole}, {agm.charge_exponent} | same |",
        f"| {agm.full_cut}, {agm.layer_f:.0f} | same | same |",
        f"| {agm.surface_v} V, {agm.surface_up_ah:.0f} Ah, {agm.surface_decay_s / 3600:.1f} h | same | same |",
        f"| {1e3 * agm.gassing_a:.0f}, {agm.gassing_ref_v} V | {1e3 * gel.gassing_a:.0f}, {gel.gassing_ref_v} V |",
    ):
        assert row.replace("e-0", "e-") in page, row


def test_constants_scale_with_the_capacity():
    small, large = constants(SETS["AGM"], 10.0), constants(SETS["AGM"], 1000.0)
    scaled = [tables.S_UP, tables.S_DOWN, tables.DIP_HALF, tables.DIP_CHARGE]
    assert large[scaled] == pytest.approx(100 * small[scaled])
    same = [row for row in range(tables.CONSTANTS) if row not in scaled]
    assert large[same] == pytest.approx(small[same])
