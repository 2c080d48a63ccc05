"""Page *SNMP*: who may read and set over SNMP. Receivers of traps are receivers of the page *Jobs*."""

import ipaddress
from typing import Literal

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from webmanager.settings.section import Section

LOOPBACK = ("127.0.0.0/8", "::1/128")


class CommunitySettings(Section):
    """A community of versions 1 and 2c: a password that travels in clear, so it counts only from known addresses."""

    name: SecretStr = Field(description="The community.")
    access: Literal["read", "write"] = "read"
    clients: tuple[str, ...] = Field(LOOPBACK, min_length=1, max_length=50, description="Addresses or networks.")

    @field_validator("name")
    @classmethod
    def _has_a_length(cls, name: SecretStr) -> SecretStr:
        if not 1 <= len(name.get_secret_value()) <= 32 or not name.get_secret_value().isascii():
            raise ValueError("1 to 32 ASCII characters are expected")
        return name

    @field_validator("clients")
    @classmethod
    def _are_networks(cls, clients: tuple[str, ...]) -> tuple[str, ...]:
        for client in clients:
            ipaddress.ip_network(client)
        return clients


class SnmpUserSettings(Section):
    """A user of version 3; always authenticated (SHA-256), and enciphered (AES-128) if there is a key for it."""

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")
    auth_key: SecretStr = Field(description="Passphrase, at least 8 characters.")
    priv_key: SecretStr = Field(SecretStr(""), description="Passphrase, at least 8 characters; empty = not enciphered.")
    access: Literal["read", "write"] = "read"

    @model_validator(mode="after")
    def _keys_are_long_enough(self) -> "SnmpUserSettings":
        auth, priv = self.auth_key.get_secret_value(), self.priv_key.get_secret_value()
        if len(auth) < 8 or 0 < len(priv) < 8:
            raise ValueError("passphrases have at least 8 characters")
        return self


class SnmpSettings(Section):
    """All of the page *SNMP*."""

    model_config = ConfigDict(title="SNMP agent")

    enabled: bool = Field(True, title="Answer requests", description="Answer at all.")
    contact: str = Field("", max_length=63, description="Whom to call; sysContact.")
    communities: tuple[CommunitySettings, ...] = Field(
        (CommunitySettings(name=SecretStr("public")),), max_length=10, description="Versions 1 and 2c; none = only 3."
    )
    users: tuple[SnmpUserSettings, ...] = Field((), max_length=20, description="Version 3.")

    @model_validator(mode="after")
    def _no_twins(self) -> "SnmpSettings":
        communities = [community.name.get_secret_value() for community in self.communities]
        users = [user.name for user in self.users]
        if len(set(communities)) < len(communities) or len(set(users)) < len(users):
            raise ValueError("two communities or two users have one name")
        return self
