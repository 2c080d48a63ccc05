"""The time as people read it at the device; files and the API stay in UTC."""

from datetime import UTC, datetime, tzinfo


def local_time(at: float, zone: tzinfo = UTC) -> datetime:
    """UTC seconds since 1970 as a time of a zone, its daylight saving included; `%Z` names the zone."""
    return datetime.fromtimestamp(at, zone)
