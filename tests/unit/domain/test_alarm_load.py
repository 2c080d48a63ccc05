"""What people get, against what they can follow."""

from fakes.events import AT, event
from webmanager.domain.alarm_load import DAY_S, alarm_load
from webmanager.domain.events import Change, Severity


def raised(number: int, ago_s: float, **more: object) -> object:
    return event(number, at=AT - ago_s, alarm=number, **more)


def test_nothing_happened() -> None:
    load = alarm_load([], [], AT)
    assert (load.last_10_min, load.last_day, load.standing, load.grouped, load.chattering) == (0, 0, 0, 0, 0)
    assert load.answer_s is None


def test_what_is_recent_is_counted_and_notices_are_not() -> None:
    events = [
        raised(1, 10.0),
        raised(2, 700.0, severity=Severity.WARNING),
        raised(3, 20.0, severity=Severity.NOTICE),
        raised(4, DAY_S + 1),
        raised(5, -5.0),
    ]
    load = alarm_load(events, [AT - DAY_S - 1, AT - 5], AT)  # type: ignore[arg-type]
    assert (load.last_10_min, load.last_day, load.standing) == (1, 2, 1)


def test_symptoms_of_one_cause_were_spared() -> None:
    load = alarm_load([event(1, affected=tuple(range(1, 9)))], [], AT)
    assert load.grouped == 7


def test_what_comes_three_times_a_day_chatters() -> None:
    assert alarm_load([raised(n, 100.0 * n) for n in (1, 2)], [], AT).chattering == 0  # type: ignore[misc]
    assert alarm_load([raised(n, 100.0 * n) for n in (1, 2, 3)], [], AT).chattering == 1  # type: ignore[misc]


def test_the_median_time_to_answer() -> None:
    events = [
        event(1, at=AT - 1000, alarm=1),
        event(2, at=AT - 900, alarm=2),
        event(3, Change.ACKNOWLEDGED, at=AT - 940, alarm=1),
        event(4, Change.ACKNOWLEDGED, at=AT - 600, alarm=2),
        event(5, Change.ACKNOWLEDGED, at=AT - 100, alarm=2),
        event(6, Change.ACKNOWLEDGED, at=AT - 100, alarm=99),
    ]
    assert alarm_load(events, [], AT).answer_s == 180.0
