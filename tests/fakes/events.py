"""Events by the dozen, and stand-ins for those who make and take them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from webmanager.domain.errors import DeliveryError
from webmanager.domain.events import Change, Event, Severity, Source
from webmanager.engine.notify_ports import Message

AT = 1_700_000_000.0
BATTERY = Source("battery S3-17", 3, 81)


def event(number: int = 1, change: Change = Change.RAISED, **parts: object) -> Event:
    """A battery whose voltage is too high; every part can be told otherwise."""
    given: dict[str, object] = {
        "id": number,
        "at": AT,
        "kind": "voltage_high",
        "change": change,
        "source": BATTERY,
        "severity": Severity.ALARM,
        "text": "Battery S3-17: 14.52 V is above 14.40 V.",
        "advice": "Check the charger.",
        "value": 14.52,
        "limit": 14.40,
        "unit": "V",
        "alarm": 7,
    }
    return Event(**{**given, **parts})  # type: ignore[arg-type]


def cleared(raised: Event, number: int = 2) -> Event:
    """The all-clear of an event."""
    return replace(raised, id=number, change=Change.CLEARED, text="Battery S3-17: 13.60 V is normal again.")


def message(number: int = 1, target: str = "mail", **parts: object) -> Message:
    """What a job would send about event `number`."""
    given: dict[str, object] = {
        "key": f"job/{target}/{number}",
        "job": "job",
        "target": target,
        "at": AT,
        "events": (event(number),),
    }
    return Message(**{**given, **parts})  # type: ignore[arg-type]


class FakeJournal:
    """An event log that only counts and remembers."""

    def __init__(self, first: int = 1000) -> None:
        self.events: list[Event] = []
        self._next = first

    def happened(self, kind: str, text: str) -> Event:
        return self._log(event(0, Change.HAPPENED, kind=kind, text=text, alarm=None, severity=Severity.NOTICE))

    def escalated(self, event: Event, text: str) -> Event:
        return self._log(replace(event, change=Change.ESCALATED, text=text))

    def _log(self, made: Event) -> Event:
        made = replace(made, id=self._next)
        self._next += 1
        self.events.append(made)
        return made


class FakeNotifier:
    """A receiver that does what `script` says, message by message: a proof, an error, or `hang`; then it accepts."""

    def __init__(self, *script: str | DeliveryError | Exception) -> None:
        self.script = list(script)
        self.sent: list[Message] = []
        self.tries = 0
        self.on_send: Callable[[], None] = lambda: None

    async def send(self, message: Message) -> str:
        self.tries += 1
        self.on_send()
        step = self.script.pop(0) if self.script else "250 accepted"
        if step == "hang":
            await asyncio.Event().wait()
        if isinstance(step, Exception):
            raise step
        self.sent.append(message)
        return str(step)
