import asyncio
from dataclasses import replace

import pytest

from fakes.events import FakeJournal, cleared, event
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Severity
from webmanager.domain.jobs import Beat, Escalation, EventFilter, Job, Power, Timing, Verb
from webmanager.engine.clock import ManualClock
from webmanager.engine.jobs import MOST_FOLLOWED, Jobs
from webmanager.engine.notify_ports import Message


class Desk:
    """Jobs on a clock that only moves when told, and everything they have submitted."""

    def __init__(self, *jobs: Job, beats: tuple[Beat, ...] = (), keeper: MemoryStateKeeper | None = None) -> None:
        self.clock = ManualClock()
        self.sent: list[Message] = []
        self.journal = FakeJournal()
        self.power = Power()
        self.keeper = keeper or MemoryStateKeeper()
        self.jobs = self.again(*jobs, beats=beats)

    def again(self, *jobs: Job, beats: tuple[Beat, ...] = ()) -> Jobs:
        """The same device after a restart."""
        self.jobs = Jobs(
            jobs,
            self.clock,
            self.sent.append,
            self.journal,
            beats=beats,
            power=lambda: self.power,
            device_values=lambda: {"NAME": "Cellar"},
            keeper=self.keeper,
        )
        return self.jobs

    def pass_s(self, seconds: float, step_s: float = 1.0) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.jobs.tick()

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        return [(message.target, message.event.change.value, message.ended) for message in self.sent]


def job(**parts: object) -> Job:
    return Job(**{"name": "job", "targets": ("mail",), **parts})  # type: ignore[arg-type]


def test_at_once_means_before_the_call_returns() -> None:
    desk = Desk(job(targets=("mail", "trap")))
    desk.jobs.on_event(event())
    assert desk.told == [("mail", "raised", False), ("trap", "raised", False)]


def test_one_message_and_one_all_clear_and_nothing_in_between() -> None:
    desk = Desk(job())
    raised = event()
    desk.jobs.on_event(raised)
    desk.jobs.on_event(raised)
    desk.pass_s(3600, 10)
    desk.jobs.on_event(cleared(raised))
    desk.jobs.on_event(cleared(raised, 3))
    assert desk.told == [("mail", "raised", False), ("mail", "cleared", True)]
    assert desk.jobs.followed == 0


def test_after_n_seconds_and_dropped_if_the_event_has_ended() -> None:
    desk = Desk(job(timing=Timing.AFTER, seconds=60.0))
    desk.jobs.on_event(event())
    desk.pass_s(59)
    assert desk.told == []
    desk.pass_s(1)
    assert desk.told == [("mail", "raised", False)]
    desk.jobs.on_event(event(5, alarm=8))
    desk.pass_s(59)
    desk.jobs.on_event(cleared(event(5, alarm=8), 6))
    desk.pass_s(600)
    assert len(desk.sent) == 1, "who was told nothing gets no all-clear either"


def test_repeats_until_the_event_ends() -> None:
    desk = Desk(job(timing=Timing.REPEAT, seconds=60.0))
    desk.jobs.on_event(event())
    desk.pass_s(185)
    assert [message.at - event().at for message in desk.sent] == [60.0, 120.0, 180.0]
    assert len({message.key for message in desk.sent}) == 3
    desk.jobs.on_event(cleared(event()))
    desk.pass_s(600)
    assert desk.told[3:] == [("mail", "cleared", True)]


def test_a_repetition_that_was_missed_is_not_caught_up() -> None:
    desk = Desk(job(timing=Timing.REPEAT, seconds=60.0))
    desk.jobs.on_event(event())
    desk.clock.advance(600)
    desk.jobs.tick()
    desk.jobs.tick()
    assert len(desk.sent) == 1


def test_after_n_seconds_on_battery_once_and_only_while_the_event_lasts() -> None:
    desk = Desk(job(timing=Timing.ON_BATTERY, seconds=120.0))
    desk.power = Power(on_battery_s=500.0)
    desk.jobs.tick()
    assert desk.sent == []
    desk.power = Power(on_battery_s=119.0)
    desk.jobs.on_event(event())
    desk.jobs.tick()
    assert desk.sent == []
    desk.power = Power(on_battery_s=120.0)
    desk.pass_s(5)
    assert desk.told == [("mail", "raised", False)]


def test_at_n_seconds_of_remaining_time_if_that_is_known() -> None:
    desk = Desk(job(timing=Timing.REMAINING, seconds=300.0))
    desk.jobs.on_event(event())
    for power in (Power(), Power(None, 10.0), Power(60.0, None), Power(60.0, 301.0)):
        desk.power = power
        desk.jobs.tick()
    assert desk.sent == []
    desk.power = Power(60.0, 300.0)
    desk.pass_s(2)
    assert [message.remaining_s for message in desk.sent] == [300.0]


def test_an_event_that_becomes_more_severe_is_told_again() -> None:
    desk = Desk(job())
    desk.jobs.on_event(event(severity=Severity.WARNING))
    desk.jobs.on_event(event(2, severity=Severity.ALARM))
    desk.jobs.on_event(event(3, severity=Severity.WARNING))
    assert [message.event.id for message in desk.sent] == [1, 2]


def test_what_has_happened_without_an_alarm_is_told_once_and_followed_never() -> None:
    desk = Desk(job(), job(name="late", timing=Timing.AFTER, seconds=5.0))
    desk.jobs.on_event(event(change=Change.HAPPENED, alarm=None))
    desk.pass_s(10)
    assert [message.job for message in desk.sent] == ["job"]
    assert desk.jobs.followed == 0


def test_a_job_may_be_for_ends_only() -> None:
    desk = Desk(job(filter=EventFilter(changes=frozenset({Change.CLEARED}))))
    desk.jobs.on_event(event())
    desk.jobs.on_event(cleared(event()))
    assert desk.told == [("mail", "cleared", True)]


def test_a_job_may_leave_the_ends_out() -> None:
    desk = Desk(job(filter=EventFilter(changes=frozenset({Change.RAISED}))))
    desk.jobs.on_event(event())
    desk.jobs.on_event(cleared(event()))
    assert desk.told == [("mail", "raised", False)]


def test_a_disabled_job_and_a_filtered_event_do_nothing() -> None:
    desk = Desk(job(enabled=False), job(name="other", filter=EventFilter(kinds=("bus_down",))))
    desk.jobs.on_event(event())
    desk.jobs.on_event(cleared(event()))
    assert desk.sent == []


STEPS = (Escalation(600.0, ("chief",)), Escalation(1200.0, ("chief", "director")))


def test_nobody_acknowledges_so_the_next_list_is_told_and_all_get_the_all_clear() -> None:
    desk = Desk(job(escalations=STEPS))
    desk.jobs.on_event(event())
    desk.pass_s(3000, 10)
    assert desk.told == [
        ("mail", "raised", False),
        ("chief", "escalated", False),
        ("chief", "escalated", False),
        ("director", "escalated", False),
    ]
    assert desk.journal.events[0].text == "Nobody has acknowledged for 10 min: Battery S3-17: 14.52 V is above 14.40 V."
    assert desk.sent[1].at - desk.sent[0].at == 600.0
    desk.jobs.on_event(cleared(event()))
    assert desk.told[4:] == [("mail", "cleared", True), ("chief", "cleared", True), ("director", "cleared", True)]


def test_an_acknowledged_alarm_does_not_escalate() -> None:
    desk = Desk(job(escalations=STEPS))
    desk.jobs.on_event(event())
    desk.pass_s(500, 10)
    desk.jobs.on_event(event(9, Change.ACKNOWLEDGED))
    desk.pass_s(3000, 10)
    assert desk.told == [("mail", "raised", False)]


def test_an_acknowledgement_that_is_taken_back_lets_it_escalate() -> None:
    desk = Desk(job(escalations=STEPS))
    desk.jobs.on_event(event())
    desk.jobs.on_event(event(9, Change.ACKNOWLEDGED))
    desk.jobs.on_event(event(10, Change.UNACKNOWLEDGED))
    desk.pass_s(700, 10)
    assert desk.told == [("mail", "raised", False), ("chief", "escalated", False)]


def test_a_shelved_alarm_is_quiet_until_it_is_taken_down() -> None:
    desk = Desk(job(timing=Timing.REPEAT, seconds=60.0))
    desk.jobs.on_event(event())
    desk.pass_s(60)
    desk.jobs.on_event(event(2, Change.SHELVED))
    desk.pass_s(600)
    assert len(desk.sent) == 1
    desk.jobs.on_event(event(3, Change.UNSHELVED))
    desk.pass_s(1)
    assert len(desk.sent) == 2


def test_a_restart_repeats_nothing_and_forgets_nothing() -> None:
    desk = Desk(job(), job(name="late", targets=("sms",), timing=Timing.AFTER, seconds=60.0))
    desk.jobs.on_event(event())
    desk.pass_s(30)
    desk.jobs.keep()
    desk.again(job(), job(name="late", targets=("sms",), timing=Timing.AFTER, seconds=60.0))
    desk.jobs.reconcile([event()])
    desk.pass_s(29)
    assert desk.told == [("mail", "raised", False)]
    desk.pass_s(1)
    assert desk.told == [("mail", "raised", False), ("sms", "raised", False)]
    desk.jobs.on_event(cleared(event()))
    assert len(desk.sent) == 4


def test_what_opened_or_ended_unseen_is_made_up_for_after_a_restart() -> None:
    desk = Desk(job())
    desk.jobs.on_event(event())
    desk.jobs.keep()
    desk.again(job())
    desk.jobs.reconcile([event(20, alarm=9)])
    assert [(m.event.alarm, m.event.change.value) for m in desk.sent] == [
        (7, "raised"),
        (7, "cleared"),
        (9, "raised"),
    ]


@pytest.mark.parametrize("document", [{"follows": 3, "beats": {}}, {"follows": [{}], "beats": {}}, {"beats": {}}])
def test_a_broken_document_is_left_out(document: dict[str, object]) -> None:
    keeper = MemoryStateKeeper()
    keeper.save("jobs", document)
    assert Desk(job(), keeper=keeper).jobs.followed == 0


def test_jobs_can_be_changed_while_an_alarm_is_open() -> None:
    desk = Desk(job(), job(name="gone"))
    desk.jobs.on_event(event())
    desk.jobs.configure([job(), job(name="new", targets=("trap",))])
    desk.jobs.on_event(cleared(event()))
    assert desk.told[2:] == [("mail", "cleared", True)]


def test_twin_names_are_refused() -> None:
    with pytest.raises(ConfigError, match="two jobs are called 'job'"):
        Desk(job(), job())


def test_texts_are_templates() -> None:
    desk = Desk(job(subject="#NAME: #SEVERITY", text="#TEXT ##1"))
    desk.jobs.on_event(event())
    assert (desk.sent[0].subject, desk.sent[0].text) == ("Cellar: alarm", "Battery S3-17: 14.52 V is above 14.40 V. #1")


def test_a_test_tells_and_shuts_nobody_down() -> None:
    desk = Desk(job(verb=Verb.SHUTDOWN, targets=("a", "b")))
    messages = desk.jobs.test("job")
    assert [(m.target, m.verb, m.event.kind) for m in messages] == [("a", Verb.TELL, "test"), ("b", Verb.TELL, "test")]
    assert desk.sent == []
    with pytest.raises(ConfigError, match="no job 'nonsense'"):
        desk.jobs.test("nonsense")


def test_the_test_of_a_relay_switches_on_and_off_again() -> None:
    desk = Desk(job(verb=Verb.SWITCH, argument="relay2"))
    first, second = desk.jobs.test("job")
    assert (first.ended, second.ended, first.argument) == (False, True, "relay2")
    assert first.key != second.key


@pytest.mark.parametrize("kind", ["test", "heartbeat"])
def test_the_test_of_one_job_starts_no_other(kind: str) -> None:
    desk = Desk(job())
    desk.jobs.on_event(event(change=Change.HAPPENED, alarm=None, kind=kind))
    assert desk.sent == []


def test_a_beat_comes_again_and_again_and_only_a_logged_one_is_in_the_log() -> None:
    desk = Desk(beats=(Beat("alive", ("hook",), 60.0, logged=False), Beat("daily", ("mail",), 600.0)))
    desk.pass_s(661)
    targets = [message.target for message in desk.sent]
    assert (targets.count("hook"), targets.count("mail")) == (11, 2)
    assert [made.kind for made in desk.journal.events] == ["test", "test"]
    assert len({message.key for message in desk.sent}) == 13


def test_a_beat_keeps_its_rhythm_through_a_restart() -> None:
    beats = (Beat("daily", ("mail",), 86400.0),)
    desk = Desk(beats=beats)
    desk.pass_s(100)
    desk.jobs.keep()
    desk.again(beats=beats)
    desk.pass_s(3600, 60)
    assert len(desk.sent) == 1
    desk.clock.advance(86400 * 3)
    desk.jobs.tick()
    desk.jobs.tick()
    assert len(desk.sent) == 2


def test_memory_is_bounded_whatever_floods_in() -> None:
    desk = Desk(job())
    for number in range(MOST_FOLLOWED + 50):
        desk.jobs.on_event(event(number, alarm=number))
    assert (desk.jobs.followed, desk.jobs.forgotten) == (MOST_FOLLOWED, 50)
    assert len(desk.sent) == MOST_FOLLOWED + 50


async def test_run_keeps_what_has_changed_and_fires_what_is_due() -> None:
    desk = Desk(job(timing=Timing.AFTER, seconds=1.0))
    running = asyncio.create_task(desk.jobs.run())
    desk.jobs.on_event(event())
    desk.clock.advance(2.0)
    async with asyncio.timeout(5):
        while not desk.sent or "jobs" not in desk.keeper.documents:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_the_next_due_moment_is_the_nearest() -> None:
    desk = Desk(job(timing=Timing.REPEAT, seconds=60.0), job(name="up", escalations=STEPS))
    assert desk.jobs.next_due_s == float("inf")
    desk.jobs.on_event(event())
    assert desk.jobs.next_due_s == 60.0
    desk.jobs.configure([job(name="up", escalations=STEPS)])
    assert desk.jobs.next_due_s == 600.0


def test_a_grouped_alarm_is_one_message() -> None:
    desk = Desk(job())
    desk.jobs.on_event(replace(event(), affected=tuple(range(42, 65))))
    assert len(desk.sent) == 1
