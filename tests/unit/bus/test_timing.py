"""Times on the wire, and settings that cannot be."""

from typing import Any

import pytest

from webmanager.bus.timing import LinkTiming
from webmanager.domain.errors import ConfigError


def test_times_are_those_of_the_page() -> None:
    timing = LinkTiming()
    assert timing.wire_s(12) == pytest.approx(120 / 38400)
    assert timing.gap_s == pytest.approx(10 / 38400)
    assert timing.slot_s(12) == pytest.approx(130 / 38400)
    assert 8 * (timing.wire_s(8) + 32 * timing.slot_s(12)) == pytest.approx(0.883, abs=0.001)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"baud": 300}, "bus baud 300 is not known: allowed are 9600, 19200, 38400, 57600, 115200"),
        ({"gap_bits": 4}, "5 to 255"),
        ({"gap_bits": 256}, "5 to 255"),
        ({"margin_s": 0.0}, "margin"),
        ({"margin_s": 0.2}, "margin"),
        ({"margin_s": 2.0, "margin_max_s": 2.0}, "margin"),
        ({"clock_error": 0.5}, "clock error"),
        ({"attempts": 0}, "at least 1"),
        ({"train_attempts": 0}, "at least 1"),
        ({"lost_after": 0}, "at least 1"),
        ({"reopen_first_s": 0.0}, "reopening"),
        ({"reopen_first_s": 3.0}, "reopening"),
        ({"write_timeout_s": 0.0}, "write timeout"),
    ],
)
def test_setting_that_cannot_be_is_named(wrong: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        LinkTiming(**wrong)
