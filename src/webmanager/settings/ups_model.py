"""Page *UPS Model & System*: what the UPS is called, and how COM1 speaks with it."""

from typing import Literal

from pydantic import ConfigDict, Field

from webmanager.settings.section import RESTART, Section


class UpsSettings(Section):
    """Page *UPS Model & System*: the UPS whose batteries these are. This version does not read COM1; it keeps what
    stands here."""

    model_config = ConfigDict(title="UPS")

    model: str = Field("", max_length=60, title="UPS model", description="Manufacturer and type of the UPS.")
    ups_id: str = Field("", max_length=20, pattern=r"^[ -~]*$", description="Its ID, where there are several.")
    name: str = Field("", max_length=60, title="UPS name", description="Its name in messages; empty: the UPS model.")
    location: str = Field("", max_length=60, title="UPS location", description="Where the UPS stands.")
    contact: str = Field("", max_length=63, title="System contact", description="Whom to call about it.")
    baud_rate: Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = Field(
        2400,
        title="Baud rate of COM1",
        description="Speed of the UPS's serial port.",
        json_schema_extra=RESTART,
    )
    hold_s: float = Field(
        30.0, ge=0, le=3600, title="Hold time", description="A failure of the mains shorter than this is not told."
    )
    shutdown_min: float = Field(
        5.0,
        ge=0,
        le=600,
        title="Shutdown time",
        description="What the computers need to shut down before the batteries end.",
    )
