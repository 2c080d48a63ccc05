"""Users and their passwords: the manual's at first, kept through a restart, remembered for five minutes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from fakes.site import HostTime
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import StoreError
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.users import DEFAULT_PASSWORD, DEFAULT_USER, DOCUMENT, MOST_REMEMBERED, Users
from webmanager.web.http.problem import Problem

ADMIN = User("admin", Role.ADMIN)


class CountedPasswords(Passwords):
    """Counts how often a password was computed."""

    def __init__(self) -> None:
        super().__init__(passes=1, memory_kib=64)
        self.checks = 0

    async def matches(self, stored: str, password: str) -> bool:
        self.checks += 1
        return await super().matches(stored, password)


class Desk:
    """A set of users with its parts."""

    def __init__(self, keeper: MemoryStateKeeper | None = None) -> None:
        self.keeper = keeper or MemoryStateKeeper()
        self.passwords = CountedPasswords()
        self.host = HostTime()
        self.users = Users(self.keeper, self.passwords, self.host)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    await made.users.load()
    yield made
    made.passwords.close()


async def test_a_new_device_has_the_password_of_the_manual(desk: Desk) -> None:
    assert desk.users.default_in_force
    assert await desk.users.check(DEFAULT_USER, DEFAULT_PASSWORD) == ADMIN
    assert desk.keeper.documents == {}


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "wrong"), ("root", DEFAULT_PASSWORD), ("", ""), ("Admin", "x")]
)
async def test_anything_else_is_wrong(desk: Desk, name: str, password: str) -> None:
    assert await desk.users.check(name, password) is None
    assert desk.users.remembered(name, password) is None


async def test_a_name_that_does_not_exist_costs_as_much(desk: Desk) -> None:
    await desk.users.check("nobody", "x")
    assert desk.passwords.checks == 1


async def test_a_right_password_is_remembered_for_five_minutes(desk: Desk) -> None:
    await desk.users.check("admin", DEFAULT_PASSWORD)
    assert desk.users.remembered("admin", DEFAULT_PASSWORD) == ADMIN
    assert desk.users.remembered("admin", "other") is None
    desk.host.now_s += 299
    assert desk.users.remembered("admin", DEFAULT_PASSWORD) == ADMIN
    desk.host.now_s += 2
    assert desk.users.remembered("admin", DEFAULT_PASSWORD) is None


async def test_nothing_that_is_remembered_can_be_read_back(desk: Desk) -> None:
    await desk.users.check("admin", DEFAULT_PASSWORD)
    assert DEFAULT_PASSWORD not in repr(vars(desk.users))


async def test_a_change_drops_what_was_remembered_and_is_kept(desk: Desk) -> None:
    await desk.users.check("admin", DEFAULT_PASSWORD)
    await desk.users.change("admin", "a better one")
    assert not desk.users.default_in_force
    assert desk.users.remembered("admin", DEFAULT_PASSWORD) is None
    assert await desk.users.check("admin", DEFAULT_PASSWORD) is None
    assert await desk.users.check("admin", "a better one") == ADMIN
    later = Desk(desk.keeper)
    await later.users.load()
    assert not later.users.default_in_force
    assert await later.users.check("admin", "a better one") == ADMIN
    later.passwords.close()


async def test_a_change_that_cannot_be_kept_changes_nothing(desk: Desk) -> None:
    class Broken(MemoryStateKeeper):
        def save_now(self, name: str, document: dict[str, object]) -> None:
            raise StoreError("no space")

    broken = Desk(Broken())
    await broken.users.load()
    with pytest.raises(Problem, match="no space"):
        await broken.users.change("admin", "a better one")
    assert await broken.users.check("admin", DEFAULT_PASSWORD) == ADMIN
    assert broken.users.default_in_force
    broken.passwords.close()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"users": "x"},
        {"users": [1, {"name": "admin"}, {"name": 1, "role": "admin", "hash": "x"}]},
        {"users": [{"name": "admin", "role": "king", "hash": "x"}]},
        {"users": [{"name": "admin", "role": None, "hash": "x"}]},
    ],
)
async def test_a_document_without_users_is_as_none(document: dict[str, object]) -> None:
    keeper = MemoryStateKeeper()
    keeper.documents[DOCUMENT] = document
    desk = Desk(keeper)
    await desk.users.load()
    assert desk.users.default_in_force
    desk.passwords.close()


async def test_kept_roles_are_read() -> None:
    keeper = MemoryStateKeeper()
    desk = Desk(keeper)
    stored = await desk.passwords.hash("look only")
    keeper.documents[DOCUMENT] = {"version": 1, "users": [{"name": "guest", "role": "viewer", "hash": stored}]}
    await desk.users.load()
    assert await desk.users.check("guest", "look only") == User("guest", Role.VIEWER)
    assert await desk.users.check("admin", DEFAULT_PASSWORD) is None
    desk.passwords.close()


async def test_equal_logins_at_the_same_time_are_computed_once(desk: Desk) -> None:
    users = await asyncio.gather(*(desk.users.check("admin", DEFAULT_PASSWORD) for _ in range(20)))
    assert set(users) == {ADMIN}
    assert desk.passwords.checks == 1
    assert not desk.users.is_checking("admin", DEFAULT_PASSWORD)


async def test_who_leaves_early_does_not_spoil_it_for_the_others(desk: Desk) -> None:
    first = asyncio.create_task(desk.users.check("admin", DEFAULT_PASSWORD))
    second = asyncio.create_task(desk.users.check("admin", DEFAULT_PASSWORD))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ADMIN


async def test_only_so_many_are_remembered(desk: Desk) -> None:
    await desk.users.check("admin", DEFAULT_PASSWORD)
    for n in range(MOST_REMEMBERED):
        await desk.users.change("admin", f"password {n}")
        await desk.users.check("admin", f"password {n}")
    assert len(desk.users._verified) <= MOST_REMEMBERED


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "5 characters"),
        ("x" * 129, "129 characters"),
        (DEFAULT_PASSWORD, "the one of the manual"),
        ("ADMINISTRATOR", "the user's name"),
        ("long enough", None),
    ],
)
async def test_objections(desk: Desk, password: str, reason: str | None) -> None:
    said = desk.users.objection("administrator", password)
    assert said is None if reason is None else reason in (said or "")


async def field_of(change: Awaitable[object]) -> str:
    """The field a refusal names."""
    with pytest.raises(Problem) as caught:
        await change
    assert caught.value.status == 422
    return str(caught.value.extra["errors"][0]["field"])  # type: ignore[index]


async def test_a_new_user_is_kept_with_the_role(desk: Desk) -> None:
    assert await desk.users.add("kim", Role.OPERATOR, "look and touch") == User("kim", Role.OPERATOR)
    assert desk.users.listed == (ADMIN, User("kim", Role.OPERATOR))
    later = Desk(desk.keeper)
    await later.users.load()
    assert await later.users.check("kim", "look and touch") == User("kim", Role.OPERATOR)
    later.passwords.close()


async def test_the_manuals_password_stays_known_as_such_when_others_are_added(desk: Desk) -> None:
    await desk.users.add("kim", Role.ADMIN, "look and touch")
    later = Desk(desk.keeper)
    await later.users.load()
    assert later.users.default_in_force
    await later.users.delete("admin")
    assert not later.users.default_in_force
    later.passwords.close()


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a/b", "-a", "ä", "x" * 33, "a\n", "<i>", "admin", "Admin"])
async def test_names_that_cannot_be(desk: Desk, name: str) -> None:
    assert await field_of(desk.users.add(name, Role.VIEWER, "look and touch")) == "name"
    assert desk.users.listed == (ADMIN,)


@pytest.mark.parametrize("name", ["a", "kim.lee", "kim@site-2", "0_9", "x" * 32])
async def test_names_that_can_be(desk: Desk, name: str) -> None:
    await desk.users.add(name, Role.VIEWER, "look and touch")
    assert desk.users.find(name) == User(name, Role.VIEWER)


async def test_two_who_add_the_same_name_at_the_same_time(desk: Desk) -> None:
    adding = [desk.users.add("kim", Role.VIEWER, f"password {n}") for n in range(4)]
    done = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(isinstance(user, User) for user in done) == 1
    assert len(desk.users.listed) == 2


async def test_two_admins_who_demote_each_other_leave_one(desk: Desk) -> None:
    await desk.users.add("kim", Role.ADMIN, "look and touch")
    demoting = [desk.users.set_role(name, Role.VIEWER) for name in ("admin", "kim")]
    done = await asyncio.gather(*demoting, return_exceptions=True)
    assert sum(isinstance(each, Problem) for each in done) == 1
    assert [user.role for user in desk.users.listed].count(Role.ADMIN) == 1


async def test_the_last_admin_can_neither_go_nor_be_demoted(desk: Desk) -> None:
    await desk.users.add("kim", Role.OPERATOR, "look and touch")
    assert await field_of(desk.users.delete("admin")) == "name"
    assert await field_of(desk.users.set_role("admin", Role.OPERATOR)) == "role"
    assert desk.users.find("admin") == ADMIN


async def test_a_deleted_user_is_forgotten_at_once(desk: Desk) -> None:
    await desk.users.add("kim", Role.OPERATOR, "look and touch")
    await desk.users.check("kim", "look and touch")
    await desk.users.delete("kim")
    assert desk.users.find("kim") is None
    assert desk.users.remembered("kim", "look and touch") is None
    assert await desk.users.check("kim", "look and touch") is None


async def test_a_password_that_is_changed_while_it_is_being_checked_opens_nothing(desk: Desk) -> None:
    await desk.users.add("kim", Role.OPERATOR, "look and touch")
    asked, may_go_on = asyncio.Event(), asyncio.Event()
    inner = desk.passwords.matches

    async def slow(stored: str, password: str) -> bool:
        right = await inner(stored, password)
        asked.set()
        await may_go_on.wait()
        return right

    desk.passwords.matches = slow  # type: ignore[method-assign]
    checking = asyncio.create_task(desk.users.check("kim", "look and touch"))
    await asked.wait()
    await desk.users.change("kim", "another sentence")
    may_go_on.set()
    assert await checking is None
    assert desk.users.remembered("kim", "look and touch") is None
