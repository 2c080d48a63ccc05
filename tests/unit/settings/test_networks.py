"""Access lists."""

import pytest
from pydantic import ValidationError

from webmanager.settings.networks import lies_in
from webmanager.settings.security_model import SecuritySettings

LIST = ("10.1.0.0/16", "192.0.2.7/32", "2001:db8::/32")


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:10.2.0.1", False),
        ("2001:db8::9", True),
        ("2001:db9::9", False),
        ("fe80::1%eth0", False),
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("unknown", False),
        ("", False),
    ],
)
def test_who_lies_in_it(address: str, admitted: bool) -> None:
    assert lies_in(address, LIST) is admitted


@pytest.mark.parametrize("address", ["203.0.113.9", "::1", "unknown"])
def test_an_empty_list_admits_all(address: str) -> None:
    assert lies_in(address, ())


def test_networks_are_kept_in_their_usual_form() -> None:
    assert SecuritySettings(networks=(" 10.1.0.0/16", "192.0.2.7")).networks == ("10.1.0.0/16", "192.0.2.7/32")


@pytest.mark.parametrize("network", ["10.1.2.3/16", "10.1", "evil.example", "", "10.0.0.0/33"])
def test_what_is_no_network_says_what_is_allowed(network: str) -> None:
    with pytest.raises(ValidationError, match=r"192\.0\.2\.0/24"):
        SecuritySettings(networks=(network,))
