"""Counters per address."""

import numpy as np
import pytest

from webmanager.bus.counters import AnswerTally


def test_each_counter_counts_its_own_address() -> None:
    tally = AnswerTally(4)
    tally.answer(1, 0.004)
    tally.timeout(2)
    tally.crc_error(3)
    tally.retry(4)
    tally.late(4)
    counters = tally.freeze()
    assert counters.answered.tolist() == [1, 0, 0, 0]
    assert counters.timeouts.tolist() == [0, 1, 0, 0]
    assert counters.crc_errors.tolist() == [0, 0, 1, 0]
    assert counters.retries.tolist() == [0, 0, 0, 1]
    assert counters.late.tolist() == [0, 0, 0, 1]


def test_round_trip_is_unknown_until_the_first_answer_then_a_slow_mean() -> None:
    tally = AnswerTally(2)
    assert np.isnan(tally.freeze().rtt_mean_s).all()
    tally.answer(1, 0.004)
    tally.answer(1, 0.020)
    counters = tally.freeze()
    assert counters.rtt_last_s[0] == 0.020
    assert counters.rtt_mean_s[0] == pytest.approx(0.005)
    assert np.isnan(counters.rtt_last_s[1])


@pytest.mark.parametrize("address", [0, 5, 511, -1])
def test_addresses_outside_are_not_counted(address: int) -> None:
    tally = AnswerTally(4)
    tally.answer(address, 0.1)
    tally.timeout(address)
    tally.late(address)
    counters = tally.freeze()
    assert counters.answered.sum() == counters.timeouts.sum() == counters.late.sum() == 0


def test_frozen_copy_stays_as_it_was_and_cannot_be_written() -> None:
    tally = AnswerTally(2)
    before = tally.freeze()
    tally.timeout(1)
    assert before.timeouts.tolist() == [0, 0]
    with pytest.raises(ValueError):
        before.timeouts[0] = 5
