"""API tokens: shown once, kept as hashes, ended by time, by hand and with their owner."""

import json

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import StoreError
from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.tokens import DAY_S, DOCUMENT, MOST_TOKENS, Tokens
from webmanager.web.http.problem import Problem

KIM = User("kim", Role.ADMIN)
BORN = 1_790_000_000.0


class Desk:
    """Tokens with a clock and owners a test can move."""

    def __init__(self, keeper: MemoryStateKeeper | None = None) -> None:
        self.keeper = keeper or MemoryStateKeeper()
        self.now = BORN
        self.owners = {"kim": KIM}
        self.saves = 0
        self.tokens = Tokens(self.keeper, lambda name: self.owners.get(name), lambda: self.now)
        self.tokens.load()


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_the_secret_is_nowhere_kept_and_opens_with_its_own_role(desk: Desk) -> None:
    secret, token = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    assert len(secret) >= 43
    assert secret not in json.dumps(desk.keeper.documents)
    assert secret not in repr(desk.tokens.listed)
    assert token.expires_at == BORN + 90 * DAY_S
    found = desk.tokens.find(secret)
    assert found is not None
    assert found[1] == User("kim", Role.VIEWER)


@pytest.mark.parametrize("guess", ["", "wm_", "wm_" + "A" * 43, "\ud800", "x" * 5000])
async def test_anything_else_opens_nothing(desk: Desk, guess: str) -> None:
    await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    assert desk.tokens.find(guess) is None


async def test_the_kept_hash_is_not_the_secret(desk: Desk) -> None:
    _, token = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    assert desk.tokens.find(token.digest) is None
    assert desk.tokens.find(token.id) is None


async def test_it_ends_by_time_and_a_clock_set_back_does_not_revive_it(desk: Desk) -> None:
    secret, _ = await desk.tokens.make("grafana", KIM, Role.VIEWER, 1)
    desk.now += DAY_S - 1
    assert desk.tokens.find(secret)
    desk.now += 1
    assert desk.tokens.find(secret) is None
    desk.now = 0.0
    assert desk.tokens.find(secret) is None


async def test_it_never_may_more_than_its_owner_may_now_and_ends_with_them(desk: Desk) -> None:
    secret, _ = await desk.tokens.make("grafana", KIM, Role.OPERATOR, 90)
    desk.owners["kim"] = User("kim", Role.VIEWER)
    assert desk.tokens.find(secret)[1].role is Role.VIEWER  # type: ignore[index]
    del desk.owners["kim"]
    assert desk.tokens.find(secret) is None
    assert [token.name for token in await desk.tokens.revoke_all_of("kim")] == ["grafana"]
    desk.owners["kim"] = KIM
    assert desk.tokens.find(secret) is None


async def test_a_revoked_one_is_gone_for_good(desk: Desk) -> None:
    secret, token = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    assert await desk.tokens.revoke(token.id) is not None
    assert await desk.tokens.revoke(token.id) is None
    assert desk.tokens.find(secret) is None
    assert Desk(desk.keeper).tokens.listed == ()


async def test_they_outlive_a_restart_with_their_last_use(desk: Desk) -> None:
    secret, _ = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    desk.now += 60
    desk.tokens.find(secret)
    later = Desk(desk.keeper)
    assert later.tokens.listed[0].used_at == BORN + 60
    assert later.tokens.find(secret)


async def test_use_is_written_once_an_hour_at_most(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    saves: list[str] = []
    monkeypatch.setattr(desk.keeper, "save", lambda name, document: saves.append(name))
    for _ in range(1000):
        desk.now += 10
        desk.tokens.find(secret)
    assert len(saves) == 3
    assert desk.tokens.listed[0].used_at == BORN + 10_000


@pytest.mark.parametrize(
    ("name", "role", "days", "field"),
    [
        ("", Role.VIEWER, 90, "name"),
        ("<b>", Role.VIEWER, 90, "name"),
        ("x" * 41, Role.VIEWER, 90, "name"),
        ("there", Role.VIEWER, 90, "name"),
        ("fine", Role.ADMIN, 90, "role"),
        ("fine", Role.VIEWER, 0, "days"),
        ("fine", Role.VIEWER, 731, "days"),
    ],
)
async def test_what_cannot_be_names_its_field(desk: Desk, name: str, role: Role, days: int, field: str) -> None:
    operator = User("kim", Role.OPERATOR)
    await desk.tokens.make("there", operator, Role.VIEWER, 1)
    with pytest.raises(Problem) as caught:
        await desk.tokens.make(name, operator, role, days)
    assert caught.value.extra["errors"][0]["field"] == field  # type: ignore[index]


async def test_there_is_a_most(desk: Desk) -> None:
    for number in range(MOST_TOKENS):
        await desk.tokens.make(f"t{number}", KIM, Role.VIEWER, 1)
    with pytest.raises(Problem, match="the most"):
        await desk.tokens.make("more", KIM, Role.VIEWER, 1)


@pytest.mark.parametrize("kept", [{}, {"tokens": 3}, {"tokens": [1, {}, {"id": "x", "role": "king"}]}])
def test_what_cannot_be_read_opens_nothing(kept: dict[str, object]) -> None:
    keeper = MemoryStateKeeper()
    keeper.documents[DOCUMENT] = kept
    assert Desk(keeper).tokens.listed == ()


class FullDisk(MemoryStateKeeper):
    """Refuses from a moment on."""

    full = False

    def save_now(self, name: str, document: dict[str, object]) -> None:
        if self.full:
            raise StoreError("no space")
        super().save_now(name, document)


async def test_a_token_that_cannot_be_kept_is_none() -> None:
    desk = Desk(disk := FullDisk())
    disk.full = True
    with pytest.raises(Problem, match="no space"):
        await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    assert desk.tokens.listed == ()


async def test_a_token_whose_end_cannot_be_kept_ends_all_the_same_and_it_is_said() -> None:
    desk = Desk(disk := FullDisk())
    secret, token = await desk.tokens.make("grafana", KIM, Role.VIEWER, 90)
    disk.full = True
    with pytest.raises(Problem, match="no space"):
        await desk.tokens.revoke(token.id)
    assert desk.tokens.find(secret) is None
