"""The compiled loop and the numpy kernel are one physics."""

import numpy as np
import pytest

from webmanager.domain.installation import BlockType
from webmanager.room import compiled
from webmanager.room.battery import Batteries, Feed
from webmanager.room.population import populate

REST = Feed(None, 0.0, 0.0)
SET_V = 2.27 * 96


def pair(strings: int, per_string: int) -> tuple[Batteries, Batteries]:
    plain, other = (
        populate(block=BlockType(), strings=strings, per_string=per_string, seed=4, start="fresh") for _ in range(2)
    )
    return plain, other


def assert_same(plain: Batteries, other: Batteries) -> None:
    tables = other.snapshot().tables
    for name, table in plain.snapshot().tables.items():
        assert np.allclose(table, tables[name], rtol=1e-9, atol=1e-9, equal_nan=True), name
    assert (plain.snapshot().flags == other.snapshot().flags).all()
    assert plain.bus_v == pytest.approx(other.bus_v, rel=1e-12)


def test_the_loop_is_the_kernel_even_without_a_compiler(monkeypatch):
    plain, loop = pair(2, 4)
    loop._advance = compiled.advance
    for batteries in (plain, loop):
        batteries.leak_s[1], batteries.cells[2], batteries.link_ohm[5] = 0.05, 5.0, 0.02
        batteries.reference_v = np.tile([13.2, 13.4, 13.6, np.nan], 2)
        for feed in (Feed(SET_V / 4, 40.0, 0.0), Feed(None, 0.0, 2000.0), REST, Feed(SET_V / 4, 1e3, 500.0)):
            batteries.ripple_a = 5.0
            for _ in range(30):
                batteries.step(20.0, feed)
    assert_same(plain, loop)


@pytest.mark.skipif(not compiled.can_compile(), reason="numba is not installed (extra: fast)")
def test_compiled_and_plain_agree_over_a_day():
    """Charge, discharge, rest and float with equalizing at 10 s: no difference above 1e-9."""
    plain, fast = pair(2, 16)
    fast._advance = compiled.compiled_advance()
    plan = [(6, Feed(SET_V, 40.0, 0.0)), (2, Feed(None, 0.0, 5000.0)), (1, REST), (15, Feed(SET_V, 40.0, 0.0))]
    for batteries in (plain, fast):
        batteries.reference_v = 2.27 * 6
        for hours, feed in plan:
            for _ in range(hours * 360):
                batteries.step(10.0, feed)
    assert_same(plain, fast)


def test_says_what_to_install(monkeypatch):
    monkeypatch.setattr(compiled.util, "find_spec", lambda _name: None)
    assert not compiled.can_compile()
    with pytest.raises(RuntimeError, match=r"webmanager\[fast\]"):
        Batteries(BlockType(), 1, 1, compiled=True)
