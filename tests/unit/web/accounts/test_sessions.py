"""Sessions: fresh secrets, an end after disuse and an end in any case, never too many."""

from dataclasses import replace

import pytest

from fakes.site import HostTime
from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.sessions import Sessions

ADMIN, GUEST = User("admin", Role.ADMIN), User("guest", Role.VIEWER)


@pytest.fixture
def host() -> HostTime:
    return HostTime()


@pytest.fixture
def sessions(host: HostTime) -> Sessions:
    return Sessions(host, most=3, idle_s=100.0, limit_s=1000.0)


def test_a_secret_opens_its_session(sessions: Sessions) -> None:
    secret, session = sessions.open(ADMIN)
    assert sessions.find(secret) is session
    assert session.user == ADMIN
    assert len(secret) >= 43
    assert sessions.find(secret + "x") is sessions.find("") is None


def test_secrets_and_tokens_are_never_the_same_twice(sessions: Sessions) -> None:
    opened = [sessions.open(ADMIN) for _ in range(3)]
    assert len({secret for secret, _ in opened}) == len({session.csrf for _, session in opened}) == 3


def test_the_secret_itself_is_not_kept(sessions: Sessions) -> None:
    secret, _ = sessions.open(ADMIN)
    assert secret not in repr(vars(sessions))


def test_an_unused_session_ends(sessions: Sessions, host: HostTime) -> None:
    secret, _ = sessions.open(ADMIN)
    host.now_s += 99
    assert sessions.find(secret) is not None
    host.now_s += 99
    assert sessions.find(secret) is not None, "its use counts"
    host.now_s += 100
    assert sessions.find(secret) is None
    assert len(sessions) == 0


def test_a_used_session_ends_in_any_case(sessions: Sessions, host: HostTime) -> None:
    secret, _ = sessions.open(ADMIN)
    for _ in range(19):
        host.now_s += 50
        assert sessions.find(secret) is not None
    host.now_s += 50
    assert sessions.find(secret) is None


def test_the_longest_unused_one_makes_room(sessions: Sessions, host: HostTime) -> None:
    secrets = []
    for _ in range(3):
        secrets.append(sessions.open(ADMIN)[0])
        host.now_s += 1
    sessions.find(secrets[0])
    newest, _ = sessions.open(ADMIN)
    assert [sessions.find(secret) is not None for secret in [*secrets, newest]] == [True, False, True, True]
    assert len(sessions) == 3


def test_dead_ones_make_room_first(sessions: Sessions, host: HostTime) -> None:
    for _ in range(3):
        sessions.open(ADMIN)
    host.now_s += 100
    sessions.open(ADMIN)
    assert len(sessions) == 1


def test_log_out_ends_one_and_a_new_password_ends_all_of_a_user(sessions: Sessions) -> None:
    first, _ = sessions.open(ADMIN)
    second, _ = sessions.open(ADMIN)
    guest, _ = sessions.open(GUEST)
    sessions.close(first)
    sessions.close("nothing")
    assert sessions.find(first) is None
    sessions.close_all_of("admin")
    assert sessions.find(second) is None
    assert sessions.find(guest) is not None


def test_users_are_values() -> None:
    assert replace(GUEST, role=Role.ADMIN) == User("guest", Role.ADMIN)
    assert Role.VIEWER < Role.OPERATOR < Role.ADMIN
    assert [role.word for role in Role] == ["viewer", "operator", "admin"]


def test_the_living_ones_are_listed_without_their_secret_and_end_by_their_id() -> None:
    host = HostTime()
    sessions = Sessions(host, most=4, idle_s=100.0, limit_s=1000.0)
    old, _ = sessions.open(ADMIN, "192.0.2.7")
    host.now_s += 60
    secret, session = sessions.open(GUEST, "192.0.2.8")
    assert [(one.user.name, one.source) for one in sessions.listed] == [("guest", "192.0.2.8"), ("admin", "192.0.2.7")]
    assert secret not in repr(sessions.listed)
    host.now_s += 60
    assert [one.user.name for one in sessions.listed] == ["guest"]
    assert sessions.close_by_id(secret) is None
    assert sessions.close_by_id(session.id) is session
    assert sessions.close_by_id(session.id) is None
    assert sessions.find(secret) is None
    assert sessions.find(old) is None
