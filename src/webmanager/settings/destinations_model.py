"""Page *Jobs*: the receivers. One section for each way out; secrets are kept in the file and shown nowhere."""

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from webmanager.settings.section import Section

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[str, Field(pattern=r'^[^\s@<>,;:"\\()\[\]]{1,64}@[^\s@<>,;:"\\()\[\]]{1,190}$')]
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")]
NOTHING = SecretStr("")


class Receiver(Section):
    """What all receivers have: a name, and patience."""

    name: Name = Field(description="Name of the receiver, as jobs and the event log call it.")
    timeout_s: float = Field(30.0, ge=1, le=300, description="One try may take this long.")
    attempts: int = Field(8, ge=1, le=50, description="Tries until a message has failed.")
    expiry_s: float = Field(3600.0, ge=10, le=7 * 86400, description="A message older than this has failed.")
    queue: int = Field(100, ge=1, le=200, description="Messages that may wait; then the oldest is dropped.")


class MailReceiver(Receiver):
    """Email over one server."""

    type: Literal["mail"] = "mail"
    server: Host = Field(description="Mail server.")
    port: Port = Field(587, description="Usually 587 with STARTTLS, 465 with TLS, 25 without.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is protected.")
    ca_file: str = Field("", description="Own certificate authority, PEM; empty = those of the system.")
    user: str = Field("", max_length=120, description="Login; empty = none.")
    password: SecretStr = Field(NOTHING, description="Password of the login.")
    sender: Address = Field(description="Address the messages come from.")
    to: tuple[Address, ...] = Field(min_length=1, max_length=50, description="Receivers of each message.")
    picture: bool = Field(True, description="Add a picture of the battery's last 24 h.")
    digest_from: int = Field(4, ge=0, le=200, description="As many waiting messages become one; 0 = never.")

    @model_validator(mode="after")
    def _password_is_protected(self) -> "MailReceiver":
        if self.user and self.security == "none":
            raise ValueError("a login over an unprotected connection would show the password: use starttls or tls")
        return self


class RccmdReceiver(Receiver):
    """RCCMD clients: one broadcast address, or single addresses."""

    type: Literal["rccmd"] = "rccmd"
    receivers: str = Field(
        description="Addresses, comma-separated without spaces; or one broadcast address (x.x.x.255)."
    )
    port: Port = 6003
    transport: Literal["udp", "tcp", "tls"] = Field("udp", description="UDP for a broadcast, TCP or TLS for addresses.")
    ca_file: str = Field("", description="With TLS: certificate authority of the receivers, PEM.")
    ups_model: str = Field("BATTERY", pattern=r"^[!-~][ -~]{0,39}$", description="Name of the UPS in the messages.")
    ups_id: str = Field("", pattern=r"^[ -~]{0,20}$", description="Its id, in parentheses after the name.")
    minutes_if_unknown: int = Field(0, ge=0, le=999, description="Autonomy told when it is not known, in min.")

    @field_validator("receivers")
    @classmethod
    def _check_receivers(cls, given: str) -> str:
        parts = given.split(",")
        if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}", part) for part in parts) or len(parts) > 50:
            raise ValueError("addresses, comma-separated without spaces, are expected (at most 50)")
        return given

    @model_validator(mode="after")
    def _broadcast_stands_alone(self) -> "RccmdReceiver":
        broadcasts = [part for part in self.addresses if _is_broadcast(part)]
        if broadcasts and len(self.addresses) > 1:
            raise ValueError("a broadcast address and single addresses exclude each other")
        if broadcasts and self.transport != "udp":
            raise ValueError(f"a broadcast address needs transport udp, not {self.transport}")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """The receivers one by one."""
        return tuple(self.receivers.split(","))


class SmsReceiver(Receiver):
    """Text messages over a GSM modem."""

    type: Literal["sms"] = "sms"
    port: str = Field(min_length=1, description="Serial port of the modem.")
    baud: Literal[2400, 9600, 19200, 38400, 57600, 115200] = 9600
    pin: SecretStr = Field(NOTHING, description="PIN of the SIM card; empty = none is asked for.")
    to: tuple[Number, ...] = Field(min_length=1, max_length=20, description="Numbers, best with + and country code.")
    timeout_s: float = Field(90.0, ge=5, le=300, description="One try may take this long.")


class SyslogReceiver(Receiver):
    """A log server, RFC 5424."""

    type: Literal["syslog"] = "syslog"
    host: Host
    port: Port = 514
    transport: Literal["udp", "tcp", "tls"] = "udp"
    ca_file: str = Field("", description="With TLS: certificate authority of the server, PEM.")
    facility: int = Field(16, ge=0, le=23, description="16 = local0.")


class WebhookReceiver(Receiver):
    """A web address that takes JSON."""

    type: Literal["webhook"] = "webhook"
    url: str = Field(max_length=500, description="Absolute http or https address.")
    token: SecretStr = Field(NOTHING, description="Sent as Authorization: Bearer.")
    secret: SecretStr = Field(NOTHING, description="Signs the body: X-Webmanager-Signature, HMAC-SHA-256.")
    allow_local: bool = Field(False, description="Allow addresses of this host and of its own link.")
    ca_file: str = Field("", description="Own certificate authority, PEM.")

    @field_validator("url")
    @classmethod
    def _check_url(cls, given: str) -> str:
        try:
            parts = urlsplit(given)
            port_is_fine = parts.port is None or parts.port > 0
        except ValueError as error:
            raise ValueError(f"an absolute http or https address is expected: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
            raise ValueError("an absolute http or https address is expected")
        if parts.username or parts.password:
            raise ValueError("a name or password does not belong in the address: use token")
        if any(ord(character) <= 32 or ord(character) == 127 for character in given):
            raise ValueError("blanks and control characters are not allowed")
        return given


class WakeReceiver(Receiver):
    """A computer that is woken over the network."""

    type: Literal["wol"] = "wol"
    mac: str = Field(pattern=r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$", description="Its network address.")
    broadcast: Host = Field("255.255.255.255", description="Where the packet is sent.")
    port: Port = 9


class OutputsReceiver(Receiver):
    """Relays and buzzer of this device."""

    type: Literal["outputs"] = "outputs"


class TrapReceiver(Receiver):
    """An SNMP manager that gets traps or informs."""

    type: Literal["trap"] = "trap"
    host: Host
    port: Port = 162
    version: Literal["1", "2c", "3"] = "2c"
    mib: Literal["bacs", "ups"] = Field("bacs", description="Our notifications with all they know, or the UPS-MIB's.")
    inform: bool = Field(False, description="Ask for an acknowledgement (2c and 3): the only proof SNMP knows.")
    community: SecretStr = Field(SecretStr("public"), description="With versions 1 and 2c.")
    user: str = Field("", max_length=32, description="With version 3: user.")
    auth_key: SecretStr = Field(NOTHING, description="With version 3: SHA-256 passphrase, at least 8 characters.")
    priv_key: SecretStr = Field(NOTHING, description="With version 3: AES-128 passphrase, at least 8 characters.")

    @model_validator(mode="after")
    def _check_version(self) -> "TrapReceiver":
        if self.version == "1" and self.inform:
            raise ValueError("version 1 knows no informs")
        if self.version == "3" and not self.user:
            raise ValueError("version 3 needs a user")
        keys = [key.get_secret_value() for key in (self.auth_key, self.priv_key)]
        if any(0 < len(key) < 8 for key in keys):
            raise ValueError("passphrases have at least 8 characters")
        if keys[1] and not keys[0]:
            raise ValueError("privacy needs authentication: give auth_key too")
        return self


AnyReceiver = Annotated[
    MailReceiver
    | RccmdReceiver
    | SmsReceiver
    | SyslogReceiver
    | WebhookReceiver
    | WakeReceiver
    | OutputsReceiver
    | TrapReceiver,
    Field(discriminator="type"),
]


def _is_broadcast(address: str) -> bool:
    try:
        return ipaddress.IPv4Address(address).packed[3] == 255
    except ValueError:
        return False
