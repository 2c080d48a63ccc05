"""Password hashes: Argon2id with 19 MiB, two passes, one lane (42 ms), in threads of their own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webmanager.web.http.problem import Problem


class Passwords:
    """Makes and checks hashes; at most `threads` at a time, and at most `waiting` requests in line (else 503)."""

    def __init__(self, *, threads: int = 2, waiting: int = 32, passes: int = 2, memory_kib: int = 19 * 1024) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._most = threads + waiting
        self._pending = 0

    async def hash(self, password: str) -> str:
        """A new salted hash."""
        async with self._place():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def matches(self, stored: str, password: str) -> bool:
        """Whether a password belongs to a hash; False for a hash that is none."""
        async with self._place():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._matches, stored, password)

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _place(self) -> "_Place":
        return _Place(self)


class _Place:
    """One place in the line of an overloaded hasher."""

    def __init__(self, line: Passwords) -> None:
        self._line = line

    async def __aenter__(self) -> None:
        if self._line._pending >= self._line._most:
            raise Problem(
                503, "too many logins at the same time: try again in a few seconds", headers={"Retry-After": "5"}
            )
        self._line._pending += 1

    async def __aexit__(self, *_: object) -> None:
        self._line._pending -= 1
