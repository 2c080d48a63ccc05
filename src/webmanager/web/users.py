"""The users of the device and their password hashes, kept through a restart."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from webmanager.engine.ports import StateKeeper
from webmanager.web.passwords import Passwords
from webmanager.web.roles import Role, User

DEFAULT_USER = "admin"
DEFAULT_PASSWORD = "cs121-snmp"  # noqa: S105 - printed in the manual
"""Known to the world from the manual; in force until somebody changes it."""

SHORTEST = 8
LONGEST = 128
DOCUMENT = "users"
REMEMBERED_S = 300.0
MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Account:
    user: User
    hash: str


class Users:
    """Checks and changes passwords; a verified one is remembered in memory for five minutes as a keyed hash."""

    def __init__(self, keeper: StateKeeper, passwords: Passwords, monotonic: Callable[[], float]) -> None:
        self._keeper = keeper
        self._passwords = passwords
        self._monotonic = monotonic
        self._accounts: dict[str, _Account] = {}
        self._default_in_force = False
        self.changes = 0
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, tuple[User, float]] = OrderedDict()
        self._checking: dict[bytes, asyncio.Task[User | None]] = {}
        self._stranger = ""

    @property
    def default_in_force(self) -> bool:
        """The password of the manual still opens this device."""
        return self._default_in_force

    async def load(self) -> None:
        """Reads the kept users; without any, the manual's user and password are in force."""
        document = await asyncio.to_thread(self._keeper.load, DOCUMENT)
        self._accounts = _read(document)
        if not self._accounts:
            default = await self._passwords.hash(DEFAULT_PASSWORD)
            self._accounts = {DEFAULT_USER: _Account(User(DEFAULT_USER, Role.ADMIN), default)}
            self._default_in_force = True
        self._stranger = await self._passwords.hash(secrets.token_hex(16))

    def remembered(self, name: str, password: str) -> User | None:
        """The user of a password that was right within the last five minutes, without computing anything dear."""
        found = self._verified.get(self._digest(name, password))
        return found[0] if found is not None and self._monotonic() < found[1] else None

    def is_checking(self, name: str, password: str) -> bool:
        """The very same login is being checked right now."""
        return self._digest(name, password) in self._checking

    async def check(self, name: str, password: str) -> User | None:
        """The user if the password is right; takes as long for a name that does not exist.

        Equal logins at the same time share one computation.
        """
        digest = self._digest(name, password)
        task = self._checking.get(digest)
        if task is None:
            task = self._checking[digest] = asyncio.create_task(self._check(name, password))
            task.add_done_callback(lambda _: self._checking.pop(digest, None))
        return await asyncio.shield(task)

    async def _check(self, name: str, password: str) -> User | None:
        account = self._accounts.get(name)
        right = await self._passwords.matches(account.hash if account else self._stranger, password[: LONGEST + 1])
        if account is None or not right:
            return None
        self._verified[self._digest(name, password)] = (account.user, self._monotonic() + REMEMBERED_S)
        while len(self._verified) > MOST_REMEMBERED:
            self._verified.popitem(last=False)
        return account.user

    async def change(self, name: str, password: str) -> None:
        """Gives an existing user a new password, keeps it, and forgets every remembered one."""
        account = _Account(self._accounts[name].user, await self._passwords.hash(password))
        accounts = self._accounts | {name: account}
        await asyncio.to_thread(self._keeper.save, DOCUMENT, _document(accounts))
        self._accounts = accounts
        self._default_in_force = False
        self._verified.clear()
        self.changes += 1

    def objection(self, name: str, password: str) -> str | None:
        """Why a new password cannot be taken, in one line; None if it can."""
        if not SHORTEST <= len(password) <= LONGEST:
            return f"the new password has {len(password)} characters: {SHORTEST} to {LONGEST} are allowed"
        if password == DEFAULT_PASSWORD:
            return "the new password is the one of the manual, which the world knows: choose another one"
        if password.lower() == name.lower():
            return "the new password is the user's name: choose another one"
        return None

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{name}\0{password}".encode(), hashlib.sha256)


def _read(document: dict[str, object] | None) -> dict[str, _Account]:
    """Accounts of a kept document; what cannot be understood is left out."""
    users = document.get("users") if document else None
    accounts = {}
    for entry in users if isinstance(users, list) else []:
        if not isinstance(entry, dict):
            continue
        name, role, stored = entry.get("name"), entry.get("role"), entry.get("hash")
        if isinstance(name, str) and isinstance(stored, str) and role in {known.word for known in Role}:
            accounts[name] = _Account(User(name, Role[str(role).upper()]), stored)
    return accounts


def _document(accounts: dict[str, _Account]) -> dict[str, object]:
    users = [{"name": a.user.name, "role": a.user.role.word, "hash": a.hash} for a in accounts.values()]
    return {"version": 1, "users": users}
