"""What the alarm desk keeps over a restart or a power cut: alarms, running holds, unsent events, what was learned."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from webmanager.domain.alarm_document import event_document, event_from, from_document, to_document
from webmanager.domain.alarms import AlarmBook
from webmanager.domain.events import Event
from webmanager.domain.judge import Judge
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

ALARMS, LEARNED = "alarms", "alarm_learning"
MOST_UNSENT = 500


@dataclass
class Remembered:
    """What changes with events; `calm_left_s` is what is left of maintenance, None without."""

    book: AlarmBook = field(default_factory=AlarmBook)
    unsent: dict[int, Event] = field(default_factory=dict)
    calm_left_s: float | None = None
    calm_by: str | None = None


class AlarmMemory:
    """Two documents: one that is written with every event, one with baselines that may lose a quarter of an hour."""

    def __init__(self, keeper: StateKeeper | None) -> None:
        self._keeper = keeper
        self.dropped = 0

    def remember(self, state: Remembered, events: list[Event]) -> None:
        """Holds events until they are confirmed; the oldest go first when there are too many, and are counted."""
        for event in events:
            state.unsent[event.id] = event
        while len(state.unsent) > MOST_UNSENT:
            state.unsent.pop(next(iter(state.unsent)))
            self.dropped += 1

    def keep(self, judge: Judge, state: Remembered, at: float) -> None:
        """Saves alarms, holds and unsent events; `at` is UTC seconds."""
        if self._keeper is None:
            return
        document = to_document(judge, state.book, at)
        document["unsent"] = [event_document(event) for event in state.unsent.values()]
        document["maintenance"] = [state.calm_left_s, state.calm_by]
        self._keeper.save(ALARMS, document)

    def keep_learned(self, judge: Judge) -> None:
        """Saves baselines and what each string has been doing."""
        if self._keeper is None:
            return
        document: dict[str, object] = {name: part.document() for name, part in _parts(judge).items()}
        document["sensors"] = judge.sensors_known.tolist()
        self._keeper.save(LEARNED, document)

    def restore(self, judge: Judge, at: float) -> Remembered:
        """What was kept, put back into the judge as well; a damaged document is left out as a whole, and logged."""
        if self._keeper is None:
            return Remembered()
        self._restore_learned(judge, self._keeper.load(LEARNED) or {})
        kept = self._keeper.load(ALARMS)
        if kept is None:
            return Remembered()
        try:
            return self._remembered(kept, judge, at)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("The kept alarms cannot be read and are found anew: %s", error)
            judge.cycle.forget(np.arange(judge.layout.size))
            return Remembered()

    def _remembered(self, kept: Mapping[str, object], judge: Judge, at: float) -> Remembered:
        book = from_document(kept, judge, at)
        unsent, maintenance = kept.get("unsent"), kept.get("maintenance")
        events = [event_from(one) for one in unsent] if isinstance(unsent, list) else []
        state = Remembered(book, {event.id: event for event in events})
        if isinstance(maintenance, list) and maintenance[0] is not None:
            away_s = max(at - float(kept["at"]), 0.0)  # type: ignore[arg-type]
            state.calm_left_s, state.calm_by = max(float(maintenance[0]) - away_s, 0.0), maintenance[1]
        return state

    def _restore_learned(self, judge: Judge, learned: Mapping[str, object]) -> None:
        for name, part in _parts(judge).items():
            document = learned.get(name)
            if isinstance(document, dict):
                part.restore(document)
        sensors = learned.get("sensors")
        if isinstance(sensors, list) and len(sensors) == judge.sensors_known.size:
            judge.sensors_known = np.array(sensors, np.bool_)


class _Learned(Protocol):
    def document(self) -> dict[str, object]: ...

    def restore(self, document: Mapping[str, object]) -> None: ...


def _parts(judge: Judge) -> dict[str, _Learned]:
    return {"strings": judge.strings, "baseline": judge.baseline, "diagnosis": judge.diagnosis}
