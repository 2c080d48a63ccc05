"""Access list: which addresses may connect. Pure."""

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from webmanager.domain.errors import ConfigError


def only_from(networks: Sequence[str]) -> Callable[[str], bool]:
    """Says whether an address lies in one of the networks (`10.1.0.0/16`, `10.1.2.3`); an empty list admits all.

    An IPv4 client on an IPv6 socket counts by its IPv4 address. ConfigError for what is no network.
    """
    try:
        allowed = [ip_network(network) for network in networks]
    except ValueError as error:
        raise ConfigError(f"modbus access list: {error}; allowed are 192.0.2.7, 192.0.2.0/24 or IPv6 alike") from None

    def admits(address: str) -> bool:
        if not allowed:
            return True
        try:
            given = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(given, IPv6Address) and given.ipv4_mapped:
            given = given.ipv4_mapped
        return any(given in network for network in allowed)

    return admits
