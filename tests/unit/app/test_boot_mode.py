"""The DIP switches choose mode and address."""

import socket

import pytest

from webmanager.app.boot_mode import CONFIGURATION_ADDRESS, boot_mode, is_ours
from webmanager.domain.panel import Dips, Mode

OFF_OFF = Dips(False, False)


@pytest.mark.parametrize("dips", [Dips(True, False), Dips(True, True), Dips(False, True)])
def test_in_normal_mode_the_configured_address_counts(dips: Dips) -> None:
    booted = boot_mode(dips, "192.0.2.7", "127.0.0.1")
    assert (booted.mode, booted.bind, booted.text) == (Mode.NORMAL, "192.0.2.7", "")


def test_in_configuration_mode_it_is_10_10_10_10_where_the_host_has_it() -> None:
    asked: list[str] = []
    booted = boot_mode(OFF_OFF, "192.0.2.7", "127.0.0.1", lambda address: not asked.append(address))
    assert asked == [CONFIGURATION_ADDRESS] == ["10.10.10.10"]
    assert (booted.mode, booted.bind) == (Mode.CONFIGURATION, "10.10.10.10")


def test_elsewhere_it_is_the_fall_back_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    booted = boot_mode(OFF_OFF, "192.0.2.7", "127.0.0.1", lambda address: False)
    assert (booted.mode, booted.bind) == (Mode.CONFIGURATION, "127.0.0.1")
    assert booted.text == "Configuration mode at 127.0.0.1: this host has not the address 10.10.10.10."
    assert booted.text in caplog.text


def test_the_addresses_of_this_host_are_known_and_those_of_others_are_not() -> None:
    assert is_ours("127.0.0.1")
    assert not is_ours("192.0.2.7"), "TEST-NET-1 belongs to nobody"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        assert is_ours("127.0.0.1")
