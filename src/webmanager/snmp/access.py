"""Who may read and set: communities count only from known addresses, users only with the protection they have."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine

from webmanager.settings.snmp_model import SnmpSettings

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


class Level(IntEnum):
    """Protection of a request, as the library numbers it."""

    OPEN = 1
    AUTHENTICATED = 2
    ENCIPHERED = 3


@dataclass(frozen=True, slots=True)
class Right:
    """What one name may do: least protection, addresses it counts from (empty = any), and whether it may set."""

    least: Level
    networks: Networks
    may_set: bool


def register(engine: SnmpEngine, settings: SnmpSettings) -> Mapping[str, Right]:
    """Makes the names known to the engine; returns their rights."""
    rights: dict[str, Right] = {}
    for number, community in enumerate(settings.communities):
        name = f"community-{number}"
        config.add_v1_system(engine, name, community.name.get_secret_value())
        networks = tuple(ipaddress.ip_network(client) for client in community.clients)
        rights[name] = Right(Level.OPEN, networks, community.access == "write")
    for user in settings.users:
        auth, priv = user.auth_key.get_secret_value(), user.priv_key.get_secret_value()
        config.add_v3_user(
            engine,
            user.name,
            authProtocol=config.USM_AUTH_HMAC192_SHA256,
            authKey=auth,
            privProtocol=config.USM_PRIV_CFB128_AES if priv else config.USM_PRIV_NONE,
            privKey=priv or None,
        )
        least = Level.ENCIPHERED if priv else Level.AUTHENTICATED
        rights[user.name] = Right(least, (), user.access == "write")
    return MappingProxyType(rights)


def is_allowed(right: Right | None, level: int, address: str) -> bool:
    """Whether a request with this protection from this address counts at all."""
    if right is None or level < right.least:
        return False
    if not right.networks:
        return True
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in right.networks)
