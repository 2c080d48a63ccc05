"""Limits tried against stored history, before anybody saves them."""

from collections.abc import Iterator

import numpy as np
import pytest

from fakes.observations import AT, room_of
from webmanager.domain.limits import Change, limits_of
from webmanager.domain.what_if import MOST_EXAMPLES, StoredValues, what_if

ROOM = room_of(16, 2)


def rows_of(count: int, *, bad_every: int = 0, step_s: float = 600.0) -> Iterator[StoredValues]:
    """A healthy room, two days in 288 rows; now and then battery 3 is low for fifteen."""
    for number in range(count):
        volts = np.full(16, 13.62)
        if bad_every and number % bad_every >= bad_every - 15:
            volts[2] = 12.85
        yield StoredValues(
            at=AT + step_s * number,
            voltage_v=volts,
            temperature_c=np.full(16, 25.0 + (number % 144) / 48.0),
            ri_mohm=np.full(16, 4.2),
            equalizing_percent=np.full(16, 5.0),
            current_a=np.full(2, 0.03),
        )


def test_a_healthy_history_raises_nothing() -> None:
    tried = what_if(ROOM, limits_of(), rows_of(300))
    assert (tried.total, tried.rows, tried.days) == (0, 300, pytest.approx(299 / 144))


def test_each_time_is_counted_once() -> None:
    tried = what_if(ROOM, limits_of(), rows_of(288, bad_every=48))
    assert tried.raised == {"voltage_deviation": 6}
    assert tried.examples[0].source.name == "S1-3"


def test_other_limits_count_otherwise() -> None:
    mild = limits_of(
        {"voltage_low": Change(warning=2.10, alarm=2.05), "voltage_deviation": Change(warning=7.0, alarm=8.0)}
    )
    assert what_if(ROOM, mild, rows_of(288, bad_every=48)).total == 0
    hot = limits_of({"temperature_high": Change(warning=27.0, gap=1.0)})
    assert what_if(ROOM, hot, rows_of(288)).raised == {"room_hot": 2}


def test_a_gap_counts_for_no_hold_and_nobody_is_lost_in_it() -> None:
    rows = list(rows_of(60)) + [
        StoredValues(
            row.at + 86_400.0, row.voltage_v, row.temperature_c, row.ri_mohm, row.equalizing_percent, row.current_a
        )
        for row in rows_of(60)
    ]
    unknown = np.full(16, np.nan)
    rows.insert(60, StoredValues(AT + 3600.0, unknown, unknown, unknown, unknown, np.full(2, np.nan)))
    assert what_if(ROOM, limits_of(), rows).total == 0


def test_a_risen_resistance_is_found_in_the_history() -> None:
    def rows() -> Iterator[StoredValues]:
        for number, row in enumerate(rows_of(20, step_s=6 * 3600.0)):
            ri = row.ri_mohm + 0.001 * number
            ri[4] *= 1.0 if number < 6 else 1.7
            yield StoredValues(row.at, row.voltage_v, row.temperature_c, ri, row.equalizing_percent, row.current_a)

    tried = what_if(ROOM, limits_of(), rows())
    assert tried.raised == {"ri_rise": 1}
    assert tried.examples[0].source.name == "S1-5"


def test_examples_are_few() -> None:
    nervous = limits_of({"ri_high": Change(alarm=4.0)})

    def rows() -> Iterator[StoredValues]:
        for number, row in enumerate(rows_of(8)):
            yield StoredValues(
                row.at, row.voltage_v, row.temperature_c, row.ri_mohm + number, row.equalizing_percent, row.current_a
            )

    everywhere = limits_of({"ri_high": Change(alarm=0.5), "ri_rise": Change()})
    tried = what_if(room_of(64, 2), everywhere, (_wider(row) for row in rows()))
    assert tried.total == 64
    assert len(tried.examples) == MOST_EXAMPLES
    assert nervous.of("ri_high")


def _wider(row: StoredValues) -> StoredValues:
    return StoredValues(
        row.at,
        np.tile(row.voltage_v, 4),
        np.tile(row.temperature_c, 4),
        np.tile(row.ri_mohm, 4),
        np.tile(row.equalizing_percent, 4),
        row.current_a,
    )
