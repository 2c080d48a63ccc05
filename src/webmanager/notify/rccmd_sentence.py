"""The RCCMD sentences as a receiver reads them, and the answer that proves they arrived. Pure; see docs/rccmd.md."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "CONNECT TO RCCMD (SEND) MSG_EXECUTE "
LONGEST_LINE = 1024


class Order(StrEnum):
    """What a sentence asks for."""

    POWERFAIL = "powerfail"
    RESTORED = "restored"
    MESSAGE = "message"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence understood: `minutes` of autonomy with a power failure, `name` of a command; `text` is for people."""

    order: Order
    ups: str = ""
    minutes: int | None = None
    name: str = ""
    text: str = ""


def understand(line: str) -> Sentence | None:
    """What a received line asks for; None if it is no sentence of RCCMD."""
    if not line.startswith(PREFIX):
        return None
    rest = line[len(PREFIX) :]
    if match := _POWERFAIL.fullmatch(rest):
        return Sentence(Order.POWERFAIL, match["ups"], int(match["minutes"]), text=rest)
    if match := _RESTORED.fullmatch(rest):
        return Sentence(Order.RESTORED, match["ups"], text=rest)
    if match := _COMMAND.fullmatch(rest):
        return Sentence(Order.COMMAND, name=match["name"], text=rest)
    if rest.startswith("MSG_TEXT "):
        return Sentence(Order.MESSAGE, text=rest.removeprefix("MSG_TEXT "))
    return None


def receipt(line: str) -> str:
    """The answer that proves this very line has arrived: the first 16 hex digits of its SHA-256."""
    return f"RCCMD OK {hashlib.sha256(line.encode()).hexdigest()[:16]}"


_POWERFAIL = re.compile(r"MSG_TEXT Powerfail on (?P<ups>.+): Autonomietime (?P<minutes>\d{1,6})\.\d\d min\.")
_RESTORED = re.compile(r"MSG_TEXT Powerfail on (?P<ups>.+): restored\.")
_COMMAND = re.compile(r"MSG_COMMAND (?P<name>[A-Za-z0-9._-]{1,60})")
