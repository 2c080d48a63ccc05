"""Page *COM2 & AUX Settings*: what hangs on the second serial port, and what the four AUX ports are."""

from typing import Literal

from pydantic import ConfigDict, Field

from webmanager.settings.section import RESTART, Section

AuxUse = Literal["input_closed_is_alarm", "input_open_is_alarm", "output", "unused"]


class Com2Settings(Section):
    """Page *COM2 & AUX Settings*: the second serial port. This version reads no sensor manager; a modem is set up as a
    receiver of text messages."""

    model_config = ConfigDict(title="COM2")

    device: Literal["none", "sensor_manager", "gsm_modem"] = Field(
        "none",
        title="Device on COM2",
        description="A sensor manager for temperature, humidity and contacts, or a modem for text messages.",
        json_schema_extra=RESTART,
    )
    baud_rate: Literal[2400, 4800, 9600, 19200, 38400, 57600, 115200] = Field(
        9600, title="Baud rate of COM2", description="Speed of that device.", json_schema_extra=RESTART
    )


class AuxPortSettings(Section):
    """One AUX port."""

    name: str = Field("", max_length=40, description="What hangs on it, as events name it.")
    use: AuxUse = Field("unused", description="An input that tells an alarm, or an output that jobs may switch.")


class AuxSettings(Section):
    """Page *COM2 & AUX Settings*: the four AUX ports. This version keeps what stands here and does not read them."""

    model_config = ConfigDict(title="AUX ports")

    port_1: AuxPortSettings = Field(AuxPortSettings(), title="AUX port 1")
    port_2: AuxPortSettings = Field(AuxPortSettings(), title="AUX port 2")
    port_3: AuxPortSettings = Field(AuxPortSettings(), title="AUX port 3")
    port_4: AuxPortSettings = Field(AuxPortSettings(), title="AUX port 4")
