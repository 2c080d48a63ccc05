"""Access lists: networks as settings, and whether an address lies in one of them. Pure."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise ValueError(f"{error}; allowed are 192.0.2.7, 192.0.2.0/24 or IPv6 alike") from None


Network = Annotated[str, AfterValidator(_network)]
"""An address or a network, as text in its usual form."""


def lies_in(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks; an IPv4 client on an IPv6 socket counts by its IPv4 address.

    This host itself always does, an empty list admits all.
    """
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return not networks
    if isinstance(given, IPv6Address) and given.ipv4_mapped:
        given = given.ipv4_mapped
    return not networks or given.is_loopback or any(given in ip_network(network) for network in networks)
