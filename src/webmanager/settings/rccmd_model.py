"""The file of `webmanager rccmd-listen`: who may speak to this computer, and what it does then."""

import ipaddress

from pydantic import Field, field_validator, model_validator

from webmanager.settings.section import Section


class Action(Section):
    """A program of this computer with its arguments, run as they stand here: without a shell, without foreign text."""

    command: tuple[str, ...] = Field(min_length=1, max_length=50, description="Program (absolute path) and arguments.")
    after_s: float = Field(0.0, ge=0, le=86400, description="Run so much later; a `restored` in between withdraws it.")
    timeout_s: float = Field(60.0, ge=1, le=3600, description="Then it is ended.")

    @field_validator("command")
    @classmethod
    def _is_absolute(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if not command[0].startswith("/"):
            raise ValueError("the program must be given with its absolute path")
        if any("\0" in part for part in command):
            raise ValueError("NUL is not allowed")
        return command


class PowerfailAction(Action):
    """What a power failure does."""

    minutes_below: int | None = Field(None, ge=0, le=9999, description="Only if so little autonomy is left, min.")
    ups: str = Field("", max_length=60, description="Only from this UPS, as the sentence names it; empty = any.")


class RccmdListenSettings(Section):
    """All of the file."""

    bind: str = Field("0.0.0.0", description="Address to listen on.")  # noqa: S104 -- the senders list is the guard
    port: int = Field(6003, ge=0, le=65535, description="Port, for UDP and TCP; 0 = any free one.")
    udp: bool = True
    tcp: bool = True
    certificate: str = Field("", description="PEM; with it and `key`, TCP is TLS.")
    key: str = Field("", description="PEM of the private key.")
    senders: tuple[str, ...] = Field(min_length=1, max_length=100, description="Addresses or networks that may speak.")
    powerfail: PowerfailAction | None = None
    restored: Action | None = None
    message: Action | None = None
    commands: dict[str, Action] = Field(default={}, description="Commands that may be called by name.")

    @field_validator("senders")
    @classmethod
    def _are_networks(cls, senders: tuple[str, ...]) -> tuple[str, ...]:
        for sender in senders:
            ipaddress.ip_network(sender)
        return senders

    @model_validator(mode="after")
    def _fits_together(self) -> "RccmdListenSettings":
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key belong together")
        if not (self.udp or self.tcp):
            raise ValueError("neither udp nor tcp is on")
        return self
