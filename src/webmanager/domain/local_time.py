"""The time as people read it at the device; files and the API stay in UTC."""

from datetime import UTC, datetime, timedelta, tzinfo


def local_time(at: float, zone: tzinfo = UTC) -> datetime:
    """UTC seconds since 1970 as a time of a zone, its daylight saving included; `%Z` names the zone."""
    return datetime.fromtimestamp(at, zone)


def zone_name(zone: tzinfo) -> str:
    """A zone as browsers know it: its name, or a fixed difference as `+05:30`."""
    name = getattr(zone, "key", None)
    if isinstance(name, str):
        return name
    difference = zone.utcoffset(None) or timedelta(0)
    minutes = round(abs(difference).total_seconds() / 60)
    return f"{'-' if difference < timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"
