"""DIP switches that are kept, and those nobody can move here."""

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.engine.dips import DOCUMENT, EmulatedDips, FixedDips


def test_emulated_switches_are_in_normal_mode_until_moved_and_stay_as_they_were_left() -> None:
    keeper = MemoryStateKeeper()
    assert EmulatedDips(keeper).read() == Dips(True, False)
    EmulatedDips(keeper).move(Dips(False, False))
    assert EmulatedDips(keeper).read() == Dips(False, False)


@pytest.mark.parametrize("kept", [{}, {"one": True}, {"one": 0, "two": "off"}, {"one": None, "two": None}])
def test_what_cannot_be_understood_is_normal_mode(kept: dict[str, object]) -> None:
    keeper = MemoryStateKeeper()
    keeper.save(DOCUMENT, kept)
    assert EmulatedDips(keeper).read() == Dips()


def test_fixed_switches_refuse_and_say_why() -> None:
    dips = FixedDips(Dips(False, False), "the hardware file gives them")
    assert dips.read() == Dips(False, False)
    with pytest.raises(ConfigError, match="cannot be moved here: the hardware file gives them"):
        dips.move(Dips())
