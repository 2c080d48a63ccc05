import ipaddress

import pytest

from fakes.snmp import IDENTITY
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.snmp.access import Level, Right, is_allowed, register
from webmanager.snmp.engine import make_engine

HOME = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("right", "level", "address", "allowed"),
    [
        (None, 3, "127.0.0.1", False),
        (Right(Level.OPEN, HOME, False), 1, "127.0.0.1", True),
        (Right(Level.OPEN, HOME, False), 1, "::ffff:127.0.0.1", True),
        (Right(Level.OPEN, HOME, False), 1, "2001:db8::7", True),
        (Right(Level.OPEN, HOME, False), 1, "192.0.2.1", False),
        (Right(Level.OPEN, HOME, False), 1, "fe80::1%eth0", False),
        (Right(Level.ENCIPHERED, (), False), 3, "192.0.2.1", True),
        (Right(Level.ENCIPHERED, (), False), 2, "192.0.2.1", False),
        (Right(Level.ENCIPHERED, (), False), 1, "127.0.0.1", False),
    ],
)
def test_a_name_counts_with_its_protection_and_from_its_addresses(
    right: Right | None, level: int, address: str, allowed: bool
) -> None:
    assert is_allowed(right, level, address) is allowed


def test_by_default_public_reads_on_loopback_and_nobody_sets() -> None:
    (right,) = register(make_engine(IDENTITY), SnmpSettings()).values()
    assert is_allowed(right, 1, "127.0.0.1")
    assert is_allowed(right, 1, "::1")
    assert not is_allowed(right, 1, "192.0.2.1")
    assert not right.may_set


def test_a_user_has_the_protection_it_has_keys_for() -> None:
    settings = SnmpSettings.model_validate(
        {
            "communities": [],
            "users": [
                {"name": "a", "auth_key": "authauth"},
                {"name": "b", "auth_key": "authauth", "priv_key": "privpriv", "access": "write"},
            ],
        }
    )
    rights = register(make_engine(IDENTITY), settings)
    assert (rights["a"].least, rights["a"].may_set) == (Level.AUTHENTICATED, False)
    assert (rights["b"].least, rights["b"].may_set) == (Level.ENCIPHERED, True)


@pytest.mark.parametrize(
    "tables",
    [
        {"communities": [{"name": ""}]},
        {"communities": [{"name": "ä"}]},
        {"communities": [{"name": "a", "clients": ["everywhere"]}]},
        {"communities": [{"name": "a"}, {"name": "a"}]},
        {"users": [{"name": "a", "auth_key": "short"}]},
        {"users": [{"name": "a", "auth_key": "authauth", "priv_key": "short"}]},
        {"users": [{"name": "a b", "auth_key": "authauth"}]},
        {"users": [{"name": "a", "auth_key": "authauth"}, {"name": "a", "auth_key": "authauth"}]},
    ],
)
def test_settings_that_cannot_be(tables: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SnmpSettings.model_validate(tables)
