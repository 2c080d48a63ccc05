import pytest

from webmanager.domain.errors import ConfigError
from webmanager.modbus.access import only_from

LIST = only_from(["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"])


@pytest.mark.parametrize(
    "address", ["10.1.0.1", "10.1.255.254", "192.0.2.7", "2001:db8::1", "::ffff:10.1.2.3", "2001:db8::1%eth0"]
)
def test_who_is_on_the_list_may_connect(address: str) -> None:
    assert LIST(address)


@pytest.mark.parametrize("address", ["10.2.0.1", "192.0.2.8", "2001:db9::1", "::ffff:10.2.0.1", "::1", "", "somewhere"])
def test_nobody_else_may(address: str) -> None:
    assert not LIST(address)


@pytest.mark.parametrize("address", ["10.2.0.1", "::1", ""])
def test_an_empty_list_admits_all(address: str) -> None:
    assert only_from([])(address)


@pytest.mark.parametrize("network", ["10.1.0.0/33", "10.1.2.3/16", "nonsense", ""])
def test_what_is_no_network_is_said_in_one_line(network: str) -> None:
    with pytest.raises(ConfigError, match=r"modbus access list: .*192\.0\.2\.0/24"):
        only_from([network])
