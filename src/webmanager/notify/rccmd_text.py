"""The RCCMD sentences, byte for byte as published, and our dialogue for single receivers. Pure; see docs/rccmd.md."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.domain.plain_text import to_ascii
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import WORDS as MAIL_WORDS
from webmanager.notify.message import Device, headline, one_line

PREFIX = "CONNECT TO RCCMD (SEND) MSG_EXECUTE "
LONGEST_LINE = 1024
LONGEST_DETAIL = 400


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


def sentence(message: Message, device: Device, ups: str, minutes_if_unknown: int) -> str:
    """The one line a message becomes; `ups` is the model with its id in parentheses. RefusedError if it cannot be."""
    match message.verb:
        case Verb.SHUTDOWN if not message.ended:
            known = message.remaining_s
            minutes = minutes_if_unknown if known is None else max(0, int(known // 60))
            # whole minutes, rounded down, written with .00: the open receiver drops every other figure
            line = f"{PREFIX}MSG_TEXT Powerfail on {ups}: Autonomietime {minutes}.00 min."
        case Verb.SHUTDOWN | Verb.WAKE_UP:
            line = f"{PREFIX}MSG_TEXT Powerfail on {ups}: restored."
        case Verb.EXECUTE:
            if message.ended:
                raise RefusedError("a command has no opposite: leave the ends out of this job")
            line = f"{PREFIX}MSG_COMMAND {message.argument}"
        case Verb.TELL:
            line = f"{PREFIX}MSG_TEXT {_event_words(message, device)} on {ups}: {_detail(message)}"
        case Verb.SWITCH:
            raise RefusedError("RCCMD switches nothing: use the outputs of the device")
    return line


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


def check_answer(line: str, answer: str) -> str:
    """The answer of a receiver as proof; RefusedError if it refuses, DeliveryError if it answers something else."""
    if answer == receipt(line):
        return answer
    shown = one_line(answer, 120)
    if answer.startswith("RCCMD REFUSED"):
        raise RefusedError(shown)
    raise DeliveryError(f"not the expected answer: {shown!r}" if answer else "the connection ended without an answer")


_POWERFAIL = re.compile(r"MSG_TEXT Powerfail on (?P<ups>.+): Autonomietime (?P<minutes>\d{1,6})\.\d\d min\.")
_RESTORED = re.compile(r"MSG_TEXT Powerfail on (?P<ups>.+): restored\.")
_COMMAND = re.compile(r"MSG_COMMAND (?P<name>[A-Za-z0-9._-]{1,60})")


def _event_words(message: Message, device: Device) -> str:
    """What stands before `on`: never the words of a power failure, which receivers act on."""
    kind = one_line(message.event.kind.replace("_", " "), 60)
    return to_ascii(f"{headline(message.event, MAIL_WORDS['en'])} {kind}")


def _detail(message: Message) -> str:
    text = message.text or " / ".join(event.text for event in message.events)
    return to_ascii(one_line(text, LONGEST_DETAIL))
