"""API tokens: secrets of programs, each with an owner, a role and an end; kept as hashes only."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from webmanager.domain.errors import StoreError
from webmanager.engine.ports import StateKeeper
from webmanager.web.accounts.roles import Role, User
from webmanager.web.http.problem import Problem, refused

DOCUMENT = "tokens"
PREFIX = "wm_"
NAME = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}"
MOST_TOKENS = 64
LONGEST_DAYS = 730
DAY_S = 86400.0
USE_KEPT_EVERY_S = 3600.0
"""A use is written to the flash this often at most."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; times in UTC seconds of the device, `used_at` None = never used."""

    id: str
    name: str
    owner: str
    role: Role
    created_at: float
    expires_at: float
    digest: str
    used_at: float | None = None

    def is_valid(self, now: float) -> bool:
        """Not expired, and not of a future that a clock set back would bring back to life."""
        return self.created_at - DAY_S <= now < self.expires_at


class Tokens:
    """Makes, finds and revokes tokens. A secret of 256 random bits needs no slow hash: nobody can guess it.

    A token never may more than its owner may now, and ends with its owner; `owner` looks one up. `now` is device time.
    """

    def __init__(self, keeper: StateKeeper, owner: Callable[[str], User | None], now: Callable[[], float]) -> None:
        self._keeper = keeper
        self._owner = owner
        self._now = now
        self._tokens: dict[str, Token] = {}
        self._use_kept_at: dict[str, float] = {}
        self._writing = asyncio.Lock()

    def load(self) -> None:
        """Reads the kept tokens; blocks."""
        document = self._keeper.load(DOCUMENT)
        listed = document.get("tokens") if document else None
        read = [_read(entry) for entry in listed] if isinstance(listed, list) else []
        self._tokens = {token.digest: token for token in read if token is not None}

    @property
    def listed(self) -> tuple[Token, ...]:
        """All of them, the newest first."""
        return tuple(sorted(self._tokens.values(), key=lambda token: -token.created_at))

    async def make(self, name: str, owner: User, role: Role, days: int) -> tuple[str, Token]:
        """The secret, which is nowhere kept, and its token; Problem 422 with the field and why it cannot be."""
        if not re.fullmatch(NAME, name):
            raise refused("name", "1 to 40 letters, digits, blanks and . _ - are allowed")
        if any(token.name == name and token.owner == owner.name for token in self._tokens.values()):
            raise refused("name", f"{owner.name} has a token {name} already")
        if role > owner.role:
            raise refused("role", f"a token of {owner.name} may be at most {owner.role.word}")
        if not 1 <= days <= LONGEST_DAYS:
            raise refused("days", f"{days} days: 1 to {LONGEST_DAYS} are allowed")
        if len(self._tokens) >= MOST_TOKENS:
            raise refused("name", f"there are {MOST_TOKENS} tokens already, which is the most: revoke one")
        secret, now = PREFIX + secrets.token_urlsafe(32), self._now()
        token = Token(secrets.token_hex(6), name, owner.name, role, now, now + days * DAY_S, _digest(secret))
        self._tokens[token.digest] = token
        try:
            await self._keep_now()
        except Problem:
            self._tokens.pop(token.digest, None)
            raise
        return secret, token

    def find(self, secret: str) -> tuple[Token, User] | None:
        """The token of a secret and what it may now; None if it is unknown, has expired or its owner is gone."""
        token = self._tokens.get(_digest(secret))
        now = self._now()
        owner = self._owner(token.owner) if token else None
        if token is None or owner is None or not token.is_valid(now):
            return None
        token = self._tokens[token.digest] = replace(token, used_at=now)
        kept_at = self._use_kept_at.get(token.digest)
        if kept_at is None or not 0 <= now - kept_at < USE_KEPT_EVERY_S:
            self._keep()
        return token, User(owner.name, min(owner.role, token.role))

    async def revoke(self, id: str) -> Token | None:
        """Ends a token and gives it, None if there is none; Problem 503 if it has ended for now, but not for good."""
        return next(iter(await self._drop(lambda token: token.id == id)), None)

    async def revoke_all_of(self, owner: str) -> tuple[Token, ...]:
        """Ends the tokens of a user; Problem 503 as above."""
        return await self._drop(lambda token: token.owner == owner)

    async def _drop(self, meant: Callable[[Token], bool]) -> tuple[Token, ...]:
        gone = tuple(token for token in self._tokens.values() if meant(token))
        for token in gone:
            del self._tokens[token.digest]
            self._use_kept_at.pop(token.digest, None)
        if gone:
            await self._keep_now()
        return gone

    def _keep(self) -> None:
        """Hands the tokens to the keeper, whose writing happens elsewhere."""
        self._keeper.save(DOCUMENT, self._kept())

    async def _keep_now(self) -> None:
        """Returns when a power cut cannot bring a revoked token back any more; Problem 503 if the disk refuses."""
        async with self._writing:
            try:
                await asyncio.to_thread(self._keeper.save_now, DOCUMENT, self._kept())
            except StoreError as error:
                raise Problem(503, str(error)) from None

    def _kept(self) -> dict[str, object]:
        self._use_kept_at = {token.digest: token.used_at for token in self._tokens.values() if token.used_at}
        return {"version": 1, "tokens": [_document(token) for token in self._tokens.values()]}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _document(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "role": token.role.word,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "digest": token.digest,
        "used_at": token.used_at,
    }


def _read(entry: object) -> Token | None:
    """A kept token, None if it cannot be understood."""
    try:
        if not isinstance(entry, dict):
            return None
        used = entry["used_at"]
        return Token(
            id=str(entry["id"]),
            name=str(entry["name"]),
            owner=str(entry["owner"]),
            role=Role[str(entry["role"]).upper()],
            created_at=float(entry["created_at"]),
            expires_at=float(entry["expires_at"]),
            digest=str(entry["digest"]),
            used_at=None if used is None else float(used),
        )
    except (KeyError, TypeError, ValueError):
        return None
