"""The users of the device and their password hashes, kept through a restart."""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from webmanager.domain.errors import StoreError
from webmanager.engine.ports import StateKeeper
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.accounts.roles import Role, User
from webmanager.web.http.problem import Problem, refused

DEFAULT_USER = "admin"
DEFAULT_PASSWORD = "cs121-snmp"  # noqa: S105 - printed in the manual
"""Known to the world from the manual; in force until somebody changes it."""

SHORTEST = 8
LONGEST = 128
MOST_USERS = 32
NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,31}"
"""No colon, which ends a name in HTTP Basic; nothing a page, a log line or a path could stumble over."""
DOCUMENT = "users"
REMEMBERED_S = 300.0
MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Account:
    """`is_default`: the password of the manual is in force."""

    user: User
    hash: str
    is_default: bool = False


class Users:
    """Checks and changes passwords; a verified one is remembered in memory for five minutes as a keyed hash."""

    def __init__(self, keeper: StateKeeper, passwords: Passwords, monotonic: Callable[[], float]) -> None:
        self._keeper = keeper
        self._passwords = passwords
        self._monotonic = monotonic
        self._accounts: dict[str, _Account] = {}
        self._writing = asyncio.Lock()
        self.changes = 0
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[bytes, tuple[User, float]] = OrderedDict()
        self._checking: dict[bytes, asyncio.Task[User | None]] = {}
        self._stranger = ""

    @property
    def default_in_force(self) -> bool:
        """The password of the manual still opens this device."""
        return any(account.is_default for account in self._accounts.values())

    @property
    def listed(self) -> tuple[User, ...]:
        """Everybody who may log in, by name."""
        return tuple(account.user for _, account in sorted(self._accounts.items()))

    def find(self, name: str) -> User | None:
        """A user by name, None if there is none."""
        account = self._accounts.get(name)
        return account.user if account else None

    async def load(self) -> None:
        """Reads the kept users; without any, the manual's user and password are in force."""
        document = await asyncio.to_thread(self._keeper.load, DOCUMENT)
        self._accounts = _read(document)
        if not self._accounts:
            default = await self._passwords.hash(DEFAULT_PASSWORD)
            self._accounts = {DEFAULT_USER: _Account(User(DEFAULT_USER, Role.ADMIN), default, is_default=True)}
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
        if account is None or not right or self._accounts.get(name) is not account:
            return None  # also when the account was changed while the old password was being checked
        self._verified[self._digest(name, password)] = (account.user, self._monotonic() + REMEMBERED_S)
        while len(self._verified) > MOST_REMEMBERED:
            self._verified.popitem(last=False)
        return account.user

    async def change(self, name: str, password: str) -> None:
        """Gives an existing user a new password, keeps it, and forgets every remembered one."""
        self._require_password(name, password)
        hashed = await self._passwords.hash(password)
        async with self._writing:
            account = self._accounts[name]
            await self._keep(self._accounts | {name: replace(account, hash=hashed, is_default=False)})

    async def add(self, name: str, role: Role, password: str) -> User:
        """A new user; Problem 422 with the field and why it cannot be."""
        if not re.fullmatch(NAME, name):
            raise refused("name", "1 to 32 letters, digits and . _ @ - are allowed, beginning with a letter or digit")
        self._require_password(name, password)
        hashed = await self._passwords.hash(password)
        async with self._writing:
            if name.lower() in {known.lower() for known in self._accounts}:
                raise refused("name", f"there is a user {name} already")
            if len(self._accounts) >= MOST_USERS:
                raise refused("name", f"there are {MOST_USERS} users already, which is the most")
            user = User(name, role)
            await self._keep(self._accounts | {name: _Account(user, hashed)})
            return user

    async def set_role(self, name: str, role: Role) -> User:
        """Another role for an existing user; Problem 422 if no admin would be left."""
        async with self._writing:
            account = self._accounts[name]
            user = User(name, role)
            accounts = self._accounts | {name: replace(account, user=user)}
            _require_admin(accounts, "role")
            await self._keep(accounts)
            return user

    async def delete(self, name: str) -> None:
        """Ends a user; Problem 422 if no admin would be left."""
        async with self._writing:
            accounts = {known: account for known, account in self._accounts.items() if known != name}
            _require_admin(accounts, "name")
            await self._keep(accounts)

    async def _keep(self, accounts: dict[str, _Account]) -> None:
        try:
            await asyncio.to_thread(self._keeper.save_now, DOCUMENT, _document(accounts))
        except StoreError as error:
            raise Problem(503, str(error)) from None
        self._accounts = accounts
        self._verified.clear()
        self.changes += 1

    def _require_password(self, name: str, password: str) -> None:
        objection = self.objection(name, password)
        if objection is not None:
            raise refused("password", objection)

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
            is_default = entry.get("default") is True
            accounts[name] = _Account(User(name, Role[str(role).upper()]), stored, is_default)
    return accounts


def _require_admin(accounts: dict[str, _Account], field: str) -> None:
    if not any(account.user.role is Role.ADMIN for account in accounts.values()):
        raise refused(field, "no admin would be left")


def _document(accounts: dict[str, _Account]) -> dict[str, object]:
    users = [
        {"name": a.user.name, "role": a.user.role.word, "hash": a.hash} | ({"default": True} if a.is_default else {})
        for a in accounts.values()
    ]
    return {"version": 1, "users": users}
