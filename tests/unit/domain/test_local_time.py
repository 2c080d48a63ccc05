"""Times for people: summer and winter, and the hour that comes twice."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from webmanager.domain.local_time import local_time, zone_name

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("utc", "shown"),
    [
        (datetime(2026, 1, 15, 12, tzinfo=UTC), "15.01. 13:00 CET"),
        (datetime(2026, 7, 15, 12, tzinfo=UTC), "15.07. 14:00 CEST"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29.03. 01:59 CET"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29.03. 03:00 CEST"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25.10. 02:30 CEST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25.10. 02:30 CET"),
    ],
)
def test_daylight_saving_and_the_hour_that_comes_twice_are_told_apart(utc: datetime, shown: str) -> None:
    assert f"{local_time(utc.timestamp(), BERLIN):%d.%m. %H:%M %Z}" == shown


def test_without_a_zone_it_is_utc_and_a_difference_says_itself() -> None:
    assert f"{local_time(0.0):%Y-%m-%d %H:%M %Z}" == "1970-01-01 00:00 UTC"
    india = timezone(timedelta(hours=5.5))
    assert f"{local_time(0.0, india):%H:%M %Z}" == "05:30 UTC+05:30"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (UTC, "UTC"),
        (BERLIN, "Europe/Berlin"),
        (timezone(timedelta(hours=5.5)), "+05:30"),
        (timezone(timedelta(hours=-3)), "-03:00"),
        (timezone(timedelta(0)), "UTC"),
    ],
)
def test_a_zone_is_named_as_browsers_know_it(zone: tzinfo, name: str) -> None:
    assert zone_name(zone) == name
