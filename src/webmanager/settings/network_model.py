"""Page *Network & Security*: where the device listens. The addresses of the host itself are the host's business."""

import ipaddress

from pydantic import ConfigDict, Field, field_validator

from webmanager.settings.section import RESTART, Section


class NetworkSettings(Section):
    """Page *Network & Security*: on which address and ports of this host the device listens.
    The addresses, gateway and name servers of the host are set in its operating system, never from here.
    """

    model_config = ConfigDict(title="Where the device listens")

    address: str = Field(
        "",
        max_length=45,
        description="An address this host has; 0.0.0.0 for all its networks, 127.0.0.1 for itself only. "
        "Empty: as the device was started.",
        json_schema_extra=RESTART,
    )
    http_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        title="HTTP port",
        description="Port of the web interface. Empty: as the device was started.",
        json_schema_extra=RESTART,
    )
    modbus_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of Modbus TCP, usually 502. Empty: as the device was started.",
        json_schema_extra=RESTART,
    )
    snmp_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of the SNMP agent, usually 161. Empty: as the device was started.",
        json_schema_extra=RESTART,
    )

    trial_min: float = Field(
        10.0,
        ge=0,
        le=120,
        title="Wait for a login",
        description="After a reboot with another address or port, or other HTTPS: if no admin logs in within so many "
        "minutes, the device goes back to the last good configuration. 0: it stays as it is.",
    )

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        try:
            return str(ipaddress.ip_address(address)) if address else ""
        except ValueError:
            raise ValueError("an IPv4 or IPv6 address is expected, as 192.0.2.10") from None
