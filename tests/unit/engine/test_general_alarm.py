from collections.abc import Mapping

import pytest

from fakes.events import cleared, event
from webmanager.domain.events import Change, Severity
from webmanager.domain.jobs import EventFilter
from webmanager.engine.clock import ManualClock
from webmanager.engine.general_alarm import GeneralAlarm
from webmanager.engine.notify_ports import Output
from webmanager.outputs.board import SimulatedOutputs

ALARMS = EventFilter(severity=Severity.ALARM)


class Panel:
    """A general alarm on a board of its own."""

    def __init__(self, **parts: object) -> None:
        self.clock = ManualClock()
        self.board = SimulatedOutputs()
        self.alarm = GeneralAlarm(ALARMS, self.board, self.clock, **parts)  # type: ignore[arg-type]

    def started(self) -> "Panel":
        self.clock.advance(20.0)
        self.alarm.tick()
        return self

    @property
    def relay_and_buzzer(self) -> tuple[bool, bool]:
        states = self.board.states()
        return states[Output.ALARM_RELAY], states[Output.BUZZER]


def test_the_relay_picks_up_15_to_20_s_after_the_start() -> None:
    panel = Panel()
    picked_up = []
    for second in range(30):
        panel.alarm.tick()
        if panel.relay_and_buzzer[0]:
            picked_up.append(second)
        panel.clock.advance(1.0)
    assert 15 <= picked_up[0] <= 20
    assert picked_up == list(range(picked_up[0], 30))


def test_it_opens_on_an_alarm_before_the_call_returns_and_closes_on_the_all_clear() -> None:
    panel = Panel().started()
    assert panel.relay_and_buzzer == (True, False)
    panel.alarm.on_event(event())
    assert panel.relay_and_buzzer == (False, True)
    panel.alarm.on_event(cleared(event()))
    assert panel.relay_and_buzzer == (True, False)


def test_an_alarm_at_the_start_keeps_it_open() -> None:
    panel = Panel()
    panel.alarm.on_event(event())
    panel.started()
    assert panel.relay_and_buzzer == (False, True)


def test_acknowledging_silences_the_buzzer_and_leaves_the_relay_open() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event())
    panel.alarm.on_event(event(2, Change.ACKNOWLEDGED))
    assert panel.relay_and_buzzer == (False, False)
    panel.alarm.on_event(event(3, alarm=8))
    assert panel.relay_and_buzzer == (False, True)


def test_a_shelved_alarm_is_none_until_it_is_taken_down() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event())
    panel.alarm.on_event(event(2, Change.SHELVED))
    assert panel.relay_and_buzzer == (True, False)
    panel.alarm.on_event(event(3, Change.UNSHELVED))
    assert panel.relay_and_buzzer == (False, True)


def test_two_alarms_end_one_by_one() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event(1, alarm=1))
    panel.alarm.on_event(event(2, alarm=2))
    panel.alarm.on_event(cleared(event(1, alarm=1)))
    assert panel.relay_and_buzzer == (False, True)
    panel.alarm.on_event(cleared(event(2, alarm=2)))
    assert panel.relay_and_buzzer == (True, False)


@pytest.mark.parametrize("other", [event(severity=Severity.WARNING), event(alarm=None), event(change=Change.COMMENTED)])
def test_other_events_move_nothing(other: object) -> None:
    panel = Panel().started()
    panel.alarm.on_event(other)  # type: ignore[arg-type]
    assert panel.relay_and_buzzer == (True, False)


def test_after_a_restart_it_is_as_it_was() -> None:
    panel = Panel()
    panel.alarm.restore([(event(1, alarm=1), True, False), (event(2, alarm=2), False, True)])
    panel.started()
    assert panel.relay_and_buzzer == (False, False)
    assert (panel.alarm.is_active, panel.alarm.is_sounding) == (True, False)


def test_the_end_of_the_device_lets_everything_go() -> None:
    panel = Panel().started()
    panel.alarm.close()
    assert panel.relay_and_buzzer == (False, False)


def test_either_can_be_left_out() -> None:
    panel = Panel(buzzer=False).started()
    panel.alarm.on_event(event())
    assert panel.relay_and_buzzer == (False, False)
    panel = Panel(relay=False).started()
    panel.alarm.on_event(event())
    assert panel.relay_and_buzzer == (False, True)


def test_a_relay_that_does_not_follow_is_counted_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    panel = Panel().started()
    panel.board.stuck.add(Output.ALARM_RELAY)
    panel.alarm.on_event(event())
    panel.alarm.tick()
    assert panel.alarm.failures == 2
    assert caplog.text.count("cannot switch") == 1
    panel.board.stuck.clear()
    panel.alarm.tick()
    assert panel.relay_and_buzzer == (False, True)


def test_a_host_without_outputs_is_left_alone() -> None:
    class Bare(SimulatedOutputs):
        def states(self) -> Mapping[Output, bool]:
            return {}

    alarm = GeneralAlarm(ALARMS, Bare(), ManualClock())
    alarm.on_event(event())
    assert (alarm.is_active, alarm.failures) == (True, 0)


def test_other_settings_hold_at_once_also_for_what_is_open() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event(severity=Severity.WARNING))
    assert panel.relay_and_buzzer == (True, False)
    panel.alarm.configure(EventFilter(severity=Severity.WARNING), buzzer=True, relay=True)
    assert panel.relay_and_buzzer == (False, True)
    panel.alarm.configure(EventFilter(severity=Severity.WARNING), buzzer=False, relay=True)
    assert panel.relay_and_buzzer == (False, False)


def test_an_alarm_that_worsens_sounds_again_though_it_was_acknowledged() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event(severity=Severity.WARNING))
    panel.alarm.on_event(event(2, Change.ACKNOWLEDGED, severity=Severity.WARNING))
    panel.alarm.on_event(event(3, Change.WORSENED, severity=Severity.ALARM))
    assert panel.relay_and_buzzer == (False, True)


def test_a_silenced_buzzer_stays_silent_until_the_next_alarm() -> None:
    panel = Panel().started()
    assert not panel.alarm.silence()
    panel.alarm.on_event(event())
    assert not panel.alarm.is_silenced
    assert panel.alarm.silence()
    assert panel.relay_and_buzzer == (False, False)
    assert panel.alarm.is_silenced
    panel.alarm.tick()
    assert panel.relay_and_buzzer == (False, False)
    panel.alarm.on_event(event(id=8, alarm=8))
    assert panel.relay_and_buzzer == (False, True)
    assert not panel.alarm.is_silenced


def test_a_silenced_alarm_that_worsens_sounds_again() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event())
    panel.alarm.silence()
    panel.alarm.on_event(event(change=Change.WORSENED))
    assert panel.relay_and_buzzer == (False, True)


def test_a_device_that_has_just_started_says_so() -> None:
    panel = Panel()
    assert panel.alarm.is_starting
    assert not panel.started().alarm.is_starting


def test_an_acknowledgement_that_is_taken_back_sounds_again() -> None:
    panel = Panel().started()
    panel.alarm.on_event(event())
    panel.alarm.on_event(event(2, Change.ACKNOWLEDGED))
    assert panel.relay_and_buzzer == (False, False)
    panel.alarm.on_event(event(3, Change.UNACKNOWLEDGED))
    assert panel.relay_and_buzzer == (False, True)
