"""Wrong logins are slowed down per source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.site import HostTime
from webmanager.web.accounts.slowdown import FORGOTTEN_S, LONGEST_PAUSE_S, Slowdown


@pytest.fixture
def host() -> HostTime:
    return HostTime()


def test_two_are_free_and_then_the_pause_doubles(host: HostTime) -> None:
    slowdown = Slowdown(host)
    pauses = []
    for _ in range(11):
        pauses.append(slowdown.failed("10.0.0.1"))
        host.now_s += pauses[-1]
    assert pauses == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_waiting_counts_down(host: HostTime) -> None:
    slowdown = Slowdown(host)
    for _ in range(4):
        slowdown.failed("10.0.0.1")
    assert slowdown.wait_s("10.0.0.1") == 2.0
    host.now_s += 1.5
    assert slowdown.wait_s("10.0.0.1") == 0.5
    host.now_s += 1.0
    assert slowdown.wait_s("10.0.0.1") == 0.0


def test_another_source_does_not_wait(host: HostTime) -> None:
    slowdown = Slowdown(host)
    for _ in range(5):
        slowdown.failed("10.0.0.1")
    assert slowdown.wait_s("10.0.0.2") == slowdown.wait_s("unknown") == 0.0


def test_a_right_login_starts_anew(host: HostTime) -> None:
    slowdown = Slowdown(host)
    for _ in range(5):
        slowdown.failed("10.0.0.1")
    slowdown.succeeded("10.0.0.1")
    slowdown.succeeded("10.0.0.9")
    assert slowdown.wait_s("10.0.0.1") == 0.0
    assert slowdown.failed("10.0.0.1") == 0.0


def test_old_failures_are_forgotten(host: HostTime) -> None:
    slowdown = Slowdown(host)
    for _ in range(8):
        slowdown.failed("10.0.0.1")
    host.now_s += FORGOTTEN_S + 1
    assert slowdown.failed("10.0.0.1") == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("unix", "unix", True),
    ],
)
def test_a_source_is_an_address_or_the_network_of_one_user(host: HostTime, one: str, other: str, same: bool) -> None:
    slowdown = Slowdown(host)
    for _ in range(4):
        slowdown.failed(one)
    assert (slowdown.wait_s(other) > 0) is same


def test_the_table_is_bounded_and_keeps_the_newest(host: HostTime) -> None:
    slowdown = Slowdown(host, most=10)
    for n in range(25):
        for _ in range(3):
            slowdown.failed(f"10.0.0.{n}")
    assert len(slowdown) == 10
    assert slowdown.wait_s("10.0.0.24") > 0
    assert slowdown.wait_s("10.0.0.0") == 0


@given(st.lists(st.sampled_from(["10.0.0.1", "10.0.0.2", "fe80::1"]), max_size=60))
def test_no_pause_is_ever_longer_than_a_minute(sources: list[str]) -> None:
    slowdown = Slowdown(HostTime(), most=2)
    for source in sources:
        assert 0 <= slowdown.failed(source) <= LONGEST_PAUSE_S
    assert len(slowdown) <= 2
