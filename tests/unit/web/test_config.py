"""What the web door is told."""

import pytest

from webmanager.web.config import WebConfig


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback(bind: str) -> None:
    assert WebConfig(bind=bind).is_loopback


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.7", "device.example"])
def test_reachable_by_others(bind: str) -> None:
    assert not WebConfig(bind=bind).is_loopback


def test_two_devices_on_one_host_do_not_share_a_cookie() -> None:
    assert WebConfig(port=8080).session_cookie != WebConfig(port=8081).session_cookie
