"""Sessions of browsers: kept in memory only, bounded, with an idle and an absolute end."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from webmanager.web.accounts.roles import User
from webmanager.web.config import WebConfig


@dataclass(slots=True)
class Session:
    """One login of a browser; times in host monotonic seconds, `csrf` proves that a request came from our page.

    `id` names the session without opening anything, `source` is the address it was opened from.
    """

    user: User
    started_s: float
    seen_s: float
    source: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    id: str = field(default_factory=lambda: secrets.token_hex(6))


class Sessions:
    """Sessions by the hash of their secret; when there are too many, the longest unused one ends."""

    def __init__(self, monotonic: Callable[[], float], *, most: int, idle_s: float, limit_s: float) -> None:
        self._monotonic = monotonic
        self._most = most
        self._idle_s = idle_s
        self._limit_s = limit_s
        self._sessions: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def listed(self) -> tuple[Session, ...]:
        """Every living session, the last used one first."""
        now = self._monotonic()
        living = [session for session in self._sessions.values() if self._lives(session, now)]
        return tuple(sorted(living, key=lambda session: -session.seen_s))

    def open(self, user: User, source: str = "") -> tuple[str, Session]:
        """Starts a session under a fresh secret; a secret the browser brought along is never taken over."""
        now = self._monotonic()
        self._sessions = {key: session for key, session in self._sessions.items() if self._lives(session, now)}
        if len(self._sessions) >= self._most:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].seen_s)]
        secret = secrets.token_urlsafe(32)
        session = Session(user, now, now, source)
        self._sessions[_key(secret)] = session
        return secret, session

    def limit(self, *, idle_s: float, limit_s: float) -> None:
        """Other ends, also for the sessions there are."""
        self._idle_s, self._limit_s = idle_s, limit_s

    def find(self, secret: str) -> Session | None:
        """The living session of a secret, and counts as its use."""
        key = _key(secret)
        session = self._sessions.get(key)
        if session is None:
            return None
        now = self._monotonic()
        if not self._lives(session, now):
            del self._sessions[key]
            return None
        session.seen_s = now
        return session

    def close(self, secret: str) -> None:
        """Ends a session; nothing happens if there is none."""
        self._sessions.pop(_key(secret), None)

    def close_by_id(self, id: str) -> Session | None:
        """Ends the session of this id and gives it, None if there is none."""
        for key, session in self._sessions.items():
            if session.id == id:
                return self._sessions.pop(key)
        return None

    def close_all_of(self, name: str) -> None:
        """Ends every session of a user."""
        self._sessions = {key: session for key, session in self._sessions.items() if session.user.name != name}

    def _lives(self, session: Session, now: float) -> bool:
        return now - session.seen_s < self._idle_s and now - session.started_s < self._limit_s


def sessions_of(config: WebConfig, monotonic: Callable[[], float]) -> Sessions:
    """None yet, within the bounds of a configuration; `monotonic` is host time."""
    return Sessions(monotonic, most=config.most_sessions, idle_s=config.session_idle_s, limit_s=config.session_limit_s)


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
