"""The page *Timeserver* as a model."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from webmanager.settings.timeserver_model import TimeserverSettings


def test_by_default_the_host_tells_the_time_and_it_is_shown_in_utc() -> None:
    settings = TimeserverSettings()
    assert (settings.source, settings.servers, settings.zone()) == ("host", (), UTC)


def test_servers_are_tried_in_order_each_once_and_zeros_are_none() -> None:
    settings = TimeserverSettings(server_1="0.0.0.0", server_2="pool.ntp.org", server_3="pool.ntp.org")
    assert settings.servers == ("pool.ntp.org",)
    assert TimeserverSettings(server_1="10.0.0.1", server_2="", server_3="::1").servers == ("10.0.0.1", "::1")


@pytest.mark.parametrize(
    "server",
    [
        "http://10.0.0.1/", "10.0.0.1:123", "user@host", "a b", "-x", "x-", "..", "300.1.1.1", "1.2", "224.0.1.1",
        "255.255.255.255", "ff02::101", "host/path", "x" * 64, "host\n",
    ],
)  # fmt: skip
def test_anything_but_one_host_is_refused(server: str) -> None:
    with pytest.raises(ValidationError, match="server_1"):
        TimeserverSettings(server_1=server)


def test_a_source_without_a_server_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one server"):
        TimeserverSettings(source="ntp")


def test_a_zone_knows_its_daylight_saving() -> None:
    zone = TimeserverSettings(time_zone="Europe/Berlin").zone()
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 12, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=1)


def test_without_a_zone_the_difference_in_hours_counts() -> None:
    assert TimeserverSettings(difference_h=-3.5).zone().utcoffset(None) == timedelta(hours=-3.5)
    assert TimeserverSettings(time_zone="UTC", difference_h=2).zone().utcoffset(None) == timedelta(0)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe", "zone.tab", "x\n"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="knows no such zone"):
        TimeserverSettings(time_zone=name)


@pytest.mark.parametrize("hours", [0.1, 14.25, -15])
def test_a_difference_is_in_quarters_of_an_hour(hours: float) -> None:
    with pytest.raises(ValidationError, match="difference_h"):
        TimeserverSettings(difference_h=hours)
