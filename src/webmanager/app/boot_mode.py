"""What the DIP switches choose at a cold boot: the mode, and with it the address the device listens on."""

import errno
import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from webmanager.domain.panel import Dips, Mode

log = logging.getLogger(__name__)

CONFIGURATION_ADDRESS = "10.10.10.10"


@dataclass(frozen=True, slots=True)
class BootMode:
    """Mode and address of this life of the device; `text` says in one sentence why, empty in normal mode."""

    mode: Mode
    bind: str
    text: str = ""


def is_ours(address: str) -> bool:
    """Whether this host has an address: it can be bound to, whoever else listens there."""
    family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as tried:
        try:
            tried.bind((address, 0))
        except OSError as error:
            return error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
    return True


def boot_mode(dips: Dips, bind: str, fallback: str, has_address: Callable[[str], bool] = is_ours) -> BootMode:
    """In normal mode the configured address; in configuration mode 10.10.10.10 where the host has it, or `fallback`."""
    if dips.mode is Mode.NORMAL:
        return BootMode(Mode.NORMAL, bind)
    if has_address(CONFIGURATION_ADDRESS):
        return BootMode(Mode.CONFIGURATION, CONFIGURATION_ADDRESS, f"Configuration mode at {CONFIGURATION_ADDRESS}.")
    text = f"Configuration mode at {fallback}: this host has not the address {CONFIGURATION_ADDRESS}."
    log.warning("%s", text)
    return BootMode(Mode.CONFIGURATION, fallback, text)
