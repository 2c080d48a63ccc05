import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.parameters import SETS, cell_set


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
