"""Argon2id hashes, a bounded number at a time."""

import asyncio

import pytest

from webmanager.web.accounts.passwords import Passwords
from webmanager.web.http.problem import Problem


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(passes=1, memory_kib=64)


async def test_a_hash_belongs_to_its_password_only(passwords: Passwords) -> None:
    stored = await passwords.hash("a long secret")
    assert stored.startswith("$argon2id$")
    assert await passwords.matches(stored, "a long secret")
    assert not await passwords.matches(stored, "another secret")


async def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash("same") != await passwords.hash("same")


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "$2b$12$notours"])
async def test_what_is_no_hash_matches_nothing(passwords: Passwords, stored: str) -> None:
    assert not await passwords.matches(stored, "anything")


async def test_the_usual_cost_is_that_of_the_design() -> None:
    strong = Passwords()
    assert "m=19456,t=2,p=1" in await strong.hash("secret")
    strong.close()


async def test_too_many_at_a_time_are_refused_and_the_line_empties() -> None:
    passwords = Passwords(threads=1, waiting=2, passes=1, memory_kib=64)
    results = await asyncio.gather(*(passwords.hash(str(n)) for n in range(6)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Problem)]
    assert len(refused) == 3
    assert {problem.status for problem in refused} == {503}
    assert (await passwords.hash("later")).startswith("$argon2id$")
    passwords.close()
