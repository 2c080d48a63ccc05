"""Stored curves side by side: the axis, what is missing, and calling it off."""

import numpy as np
import pytest

from fakes.stored import ENDS_S, FAILING, GAP_S, FakeStore
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.stored_rows import TrialStoppedError, breathing, stored_rows

SMALL = Installation(96, 3, BlockType())
DAY_S = 86_400.0


def test_every_battery_stands_at_its_place_in_every_row() -> None:
    told: list[float] = []
    to_s = ENDS_S // 3600 * 3600
    rows = stored_rows(FakeStore(), SMALL, to_s - 10 * DAY_S, to_s, 3600, told.append)
    assert len(rows) == 240
    assert [row.at for row in rows[:2]] == [to_s - 10 * DAY_S, to_s - 10 * DAY_S + 3600]
    assert rows[-1].voltage_v[FAILING - 1] < 13.1 < rows[-1].voltage_v[FAILING - 2]
    assert (rows[0].voltage_v.shape, rows[0].current_a.shape) == ((96,), (3,))
    assert (told[-1], told == sorted(told)) == (1.0, True)


def test_where_nothing_is_stored_there_is_no_row() -> None:
    middle = (GAP_S[0] + GAP_S[1]) / 2 // 3600 * 3600
    assert stored_rows(FakeStore(), SMALL, middle, middle + DAY_S, 3600, lambda _: None) == []
    rows = stored_rows(FakeStore(), SMALL, GAP_S[0] // 3600 * 3600 - 7200, GAP_S[0] + 7200, 3600, lambda _: None)
    assert 1 <= len(rows) <= 3
    assert not np.isnan(rows[0].voltage_v).any()


def test_it_can_be_called_off_at_any_time() -> None:
    def stop(part: float) -> None:
        if part > 0.1:
            raise TrialStoppedError

    store = FakeStore()
    with pytest.raises(TrialStoppedError):
        stored_rows(store, SMALL, ENDS_S - DAY_S, ENDS_S, 3600, stop)
    assert len(store.asked) < 60
    rows = stored_rows(store, SMALL, ENDS_S - 10 * DAY_S, ENDS_S, 3600, lambda _: None)
    with pytest.raises(TrialStoppedError):
        list(breathing(rows, stop))
