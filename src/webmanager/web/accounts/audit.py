"""The audit log: who logged in, who failed to, who changed what, as events without an alarm."""

import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from webmanager.domain.jobs import AUDIT

log = logging.getLogger("webmanager.web.audit")

LOGIN = f"{AUDIT}login"
REFUSED = f"{AUDIT}refused"
USERS = f"{AUDIT}users"
TOKENS = f"{AUDIT}tokens"
SESSIONS = f"{AUDIT}sessions"
CERTIFICATE = f"{AUDIT}certificate"
UPDATE = f"{AUDIT}update"
SETTINGS = f"{AUDIT}settings"

BURST = 10
EVERY_S = 60.0
"""Of what strangers can cause, as many events at once, then one so often: no brute force can flood the log."""
AGAIN_S = 86400.0
MOST_KNOWN = 256
LONGEST = 200
MOST_FIELDS = 6


class EventLog(Protocol):
    """Where events go; `engine.alarming.AlarmDesk` is one."""

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> object:
        """Numbers and hands on an event without an alarm."""


class Audit:
    """Writes to the event log, or only to the process log where there is none; `now` is device time."""

    def __init__(self, events: EventLog | None, now: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._events = events
        self._now = now
        self._monotonic = monotonic
        self._allowance = float(BURST)
        self._since_s = monotonic()
        self._left_out = 0
        self._programs: OrderedDict[tuple[str, str], float] = OrderedDict()

    def note(self, kind: str, text: str, by: str) -> None:
        """One line: what somebody who is known has done."""
        text = _one_line(text)
        log.info("%s: %s (%s)", kind, text, by)
        if self._events is not None:
            self._events.happened(kind, text, self._now(), by)

    def changed(self, fields: Sequence[str], by: str) -> None:
        """Settings were put in force; their values are in the history of the settings, not in the log."""
        more = f" and {len(fields) - MOST_FIELDS} more" if len(fields) > MOST_FIELDS else ""
        self.note(SETTINGS, f"Settings changed: {', '.join(fields[:MOST_FIELDS])}{more}.", by)

    def refused(self, name: str, source: str) -> None:
        """A wrong login; beyond the allowance only counted, and the count is told with the next one."""
        now_s = self._monotonic()
        self._allowance = min(float(BURST), self._allowance + (now_s - self._since_s) / EVERY_S)
        self._since_s = now_s
        if self._allowance < 1.0:
            self._left_out += 1
            return
        self._allowance -= 1.0
        more, self._left_out = self._left_out, 0
        also = f"; {more} more wrong logins before it are not listed" if more else ""
        self.note(REFUSED, f"Wrong login as {name[:64]!r} from {source}{also}.", name[:32] or "nobody")

    def program(self, name: str, source: str) -> None:
        """A program logged in by HTTP Basic; told once a day for each user and source, but for this host itself."""
        if _is_this_host(source):
            return
        key, now_s = (name, source), self._monotonic()
        last_s = self._programs.pop(key, None)
        if last_s is None or now_s - last_s >= AGAIN_S:
            self.note(LOGIN, f"{name} logged in with a program from {source}.", name)
            last_s = now_s
        self._programs[key] = last_s
        while len(self._programs) > MOST_KNOWN:
            self._programs.popitem(last=False)


def _is_this_host(source: str) -> bool:
    try:
        return ipaddress.ip_address(source).is_loopback
    except ValueError:
        return False


def _one_line(text: str) -> str:
    """Printable and short: what strangers typed cannot break a line."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)[:LONGEST]
