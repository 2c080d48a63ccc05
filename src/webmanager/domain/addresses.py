"""Which addresses a device may be sent to by a field that somebody has filled in. Pure."""

import ipaddress

from webmanager.domain.errors import RefusedError


def is_literal(host: str) -> bool:
    """Whether a host is an address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def require_outside(address: str) -> None:
    """RefusedError for an address of this host, of its own link, or of none."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if mapped.is_loopback or mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified or mapped.is_reserved:
        raise RefusedError(f"{address} is an address of this host or link: allow_local is off")
