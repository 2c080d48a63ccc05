"""Page *Timeserver*: where the device's clock comes from, and the time zone of pages and mails."""

import ipaddress
import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from webmanager.settings.section import Section

NO_SERVER = "0.0.0.0"  # noqa: S104 - a server that is none, nothing listens here
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_ADDRESS = "Address or name of one host, tried in this order; 0.0.0.0 = none."


class TimeserverSettings(Section):
    """What time it is, and how it is shown."""

    source: Literal["host", "ntp", "none"] = Field(
        "host",
        description="host: the clock of the computer; ntp: time servers; none: the clock begins on 1 January 1970 "
        "at the next boot.",
    )
    server_1: str = Field(NO_SERVER, max_length=253, description=f"First time server. {_ADDRESS}")
    server_2: str = Field(NO_SERVER, max_length=253, description=f"Second time server. {_ADDRESS}")
    server_3: str = Field(NO_SERVER, max_length=253, description=f"Third time server. {_ADDRESS}")
    port: int = Field(123, ge=1, le=65535, description="UDP port of the time servers.")
    retries: int = Field(3, ge=0, le=10, description="A server that does not answer is asked so often once more.")
    poll_s: int = Field(1024, ge=64, le=86400, description="The servers are asked so often.")
    time_zone: str = Field(
        "", max_length=60, description="Name of the zone with its daylight saving, as Europe/Berlin; empty: the hours."
    )
    difference_h: float = Field(
        0.0, ge=-14, le=14, multiple_of=0.25, description="Hours ahead of UTC, where no zone is named."
    )

    @field_validator("server_1", "server_2", "server_3")
    @classmethod
    def _is_one_host(cls, server: str) -> str:
        if not server:
            return NO_SERVER
        try:
            address = ipaddress.ip_address(server)
        except ValueError:
            if server[-1:].isdigit() or not all(_LABEL.fullmatch(label) for label in server.split(".")):
                raise ValueError("an address or a host name is expected, 0.0.0.0 for none") from None
            return server
        if address.is_multicast or server == "255.255.255.255":
            raise ValueError("this is not the address of one host")
        return server

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name and _zone(name) is None:
            raise ValueError("this host knows no such zone; names are as Europe/Berlin or UTC")
        return name

    @model_validator(mode="after")
    def _has_a_server(self) -> "TimeserverSettings":
        if self.source == "ntp" and not self.servers:
            raise ValueError("with the source ntp at least one server is needed")
        return self

    @property
    def servers(self) -> tuple[str, ...]:
        """Those that are given, in their order, each once."""
        given = (self.server_1, self.server_2, self.server_3)
        return tuple(dict.fromkeys(server for server in given if not _is_none(server)))

    def zone(self) -> tzinfo:
        """The zone in which people read times here; files and the API stay in UTC."""
        if self.time_zone:
            return _zone(self.time_zone) or UTC
        return timezone(timedelta(hours=self.difference_h)) if self.difference_h else UTC


def _is_none(server: str) -> bool:
    return server in {NO_SERVER, "::"}


def _zone(name: str) -> tzinfo | None:
    """A zone by name, None if it is none; a name never leads out of the directory of zones."""
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # no file, a directory or no zone file, nothing of that name
        return None
