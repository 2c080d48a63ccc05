"""The general alarm: buzzer and fail-safe relay.

    start --15-20 s--> relay picked up (all is well) <--> relay open (alarm), buzzer until acknowledged or silenced

The relay is normally closed towards the alarm: without power, and before the device knows better, it is open.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webmanager.domain.errors import DeliveryError
from webmanager.domain.events import Change, Event
from webmanager.domain.jobs import EventFilter
from webmanager.engine.clock import Clock
from webmanager.engine.notify_ports import Output, OutputBoard

log = logging.getLogger(__name__)

RELAY = Output.ALARM_RELAY


@dataclass(slots=True)
class _Open:
    event: Event
    acknowledged: bool = False
    shelved: bool = False
    silenced: bool = False


class GeneralAlarm:
    """Owns buzzer and alarm relay. `filter_` says which alarms make it; outputs the host lacks are left alone."""

    def __init__(
        self,
        filter_: EventFilter,
        board: OutputBoard,
        clock: Clock,
        *,
        buzzer: bool = True,
        relay: bool = True,
        pick_up_s: float = 17.0,
    ) -> None:
        self._filter = filter_
        self._board = board
        self._clock = clock
        self._uses_buzzer = buzzer
        self._uses_relay = relay
        self._picks_up_at_s = clock.monotonic() + pick_up_s
        self._open: dict[int, _Open] = {}
        self.failures = 0
        self.last_error = ""

    @property
    def is_active(self) -> bool:
        """Whether an alarm is open that nobody has shelved."""
        return any(not alarm.shelved for alarm in self._meant())

    @property
    def is_sounding(self) -> bool:
        """Whether one of them is neither acknowledged nor silenced yet."""
        return any(not alarm.silenced for alarm in self._waiting())

    @property
    def is_silenced(self) -> bool:
        """Whether it would sound, had nobody silenced it."""
        return any(alarm.silenced for alarm in self._waiting()) and not self.is_sounding

    @property
    def is_starting(self) -> bool:
        """The alarm relay has not picked up yet: the device does not know better."""
        return self._clock.monotonic() < self._picks_up_at_s

    def silence(self) -> bool:
        """Stops the buzzer for the alarms that are open; the next one sounds again. False if nothing sounded."""
        was_sounding = self.is_sounding
        for alarm in self._waiting():
            alarm.silenced = True
        self.tick()
        return was_sounding

    def configure(self, filter_: EventFilter, *, buzzer: bool, relay: bool) -> None:
        """Other settings from now on, also for what is open; an output that is no longer used is let go."""
        for output, was, used in ((Output.BUZZER, self._uses_buzzer, buzzer), (RELAY, self._uses_relay, relay)):
            if was and not used:
                self._switch(output, False)
        self._filter, self._uses_buzzer, self._uses_relay = filter_, buzzer, relay
        self.tick()

    def restore(self, open_events: Iterable[tuple[Event, bool, bool]]) -> None:
        """Takes up alarms that were open before a restart: event, acknowledged, shelved."""
        for event, acknowledged, shelved in open_events:
            if event.alarm is not None:
                self._open[event.alarm] = _Open(event, acknowledged, shelved)
        self.tick()

    def on_event(self, event: Event) -> None:
        """Follows one event; buzzer and relay have been switched on return."""
        if event.alarm is None:
            return
        if event.change is Change.CLEARED:
            self._open.pop(event.alarm, None)
        elif event.change is Change.RAISED:
            self._open[event.alarm] = _Open(event)
        elif alarm := self._open.get(event.alarm):
            if event.change is Change.WORSENED:
                alarm.event, alarm.acknowledged, alarm.silenced = event, False, False
            if event.change in {Change.ACKNOWLEDGED, Change.UNACKNOWLEDGED}:
                alarm.acknowledged = event.change is Change.ACKNOWLEDGED
            if event.change in {Change.SHELVED, Change.UNSHELVED}:
                alarm.shelved = event.change is Change.SHELVED
        self.tick()

    def tick(self) -> None:
        """Brings the outputs to where they must be; what does not follow is tried again at the next tick."""
        if self._uses_relay:
            self._switch(Output.ALARM_RELAY, not self.is_starting and not self.is_active)
        if self._uses_buzzer:
            self._switch(Output.BUZZER, self.is_sounding)

    def close(self) -> None:
        """Lets everything go: a device that ends is no device that says all is well."""
        for output in (Output.ALARM_RELAY, Output.BUZZER):
            self._switch(output, False)

    def _meant(self) -> Iterator[_Open]:
        return (alarm for alarm in self._open.values() if self._filter.covers(alarm.event))

    def _waiting(self) -> Iterator[_Open]:
        return (alarm for alarm in self._meant() if not alarm.shelved and not alarm.acknowledged)

    def _switch(self, output: Output, on: bool) -> None:
        state = self._board.states().get(output)
        if state is None or state is on:
            return
        try:
            self._board.switch(output, on)
        except DeliveryError as error:
            self.failures += 1
            if self.last_error != str(error):
                log.error("The general alarm cannot switch: %s", error)
            self.last_error = str(error)
