"""The RCCMD sentences, byte for byte as published, and our dialogue for single receivers. Pure; see docs/rccmd.md."""

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.domain.plain_text import to_ascii
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import HEADINGS, Device, headline, one_line
from webmanager.notify.rccmd_sentence import PREFIX, receipt

LONGEST_DETAIL = 400


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


def check_answer(line: str, answer: str) -> str:
    """The answer of a receiver as proof; RefusedError if it refuses, DeliveryError if it answers something else."""
    if answer == receipt(line):
        return answer
    shown = one_line(answer, 120)
    if answer.startswith("RCCMD REFUSED"):
        raise RefusedError(shown)
    raise DeliveryError(f"not the expected answer: {shown!r}" if answer else "the connection ended without an answer")


def _event_words(message: Message, device: Device) -> str:
    """What stands before `on`: never the words of a power failure, which receivers act on."""
    kind = one_line(message.event.kind.replace("_", " "), 60)
    return to_ascii(f"{headline(message.event, HEADINGS)} {kind}")


def _detail(message: Message) -> str:
    text = message.text or " / ".join(event.text for event in message.events)
    return to_ascii(one_line(text, LONGEST_DETAIL))
