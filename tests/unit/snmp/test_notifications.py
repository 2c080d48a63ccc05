import pytest

from fakes.events import cleared, event
from webmanager.domain.events import Change, Event, Severity
from webmanager.domain.jobs import Power
from webmanager.snmp.asn1 import Oid
from webmanager.snmp.mib import UPS
from webmanager.snmp.notifications import Notification, for_bacs, for_ups

OURS = (*UPS, 5, 3, 0)


def contents(notification: Notification) -> dict[Oid, object]:
    return {oid: value.content for oid, value in notification.varbinds}


@pytest.mark.parametrize(
    ("change", "number"),
    [(Change.RAISED, 1), (Change.CLEARED, 2), (Change.ACKNOWLEDGED, 3), (Change.ESCALATED, 4), (Change.HAPPENED, 4)],
)
def test_ours_by_what_has_changed(change: Change, number: int) -> None:
    assert for_bacs(event(change=change)).oid == (*OURS, number)


def test_ours_says_all_it_knows() -> None:
    assert list(contents(for_bacs(event())).values()) == [
        1,
        b"voltage_high",
        3,
        b"battery S3-17",
        b"14.52 V",
        b"Battery S3-17: 14.52 V is above 14.40 V.",
    ]
    assert [oid[-3:] for oid, _ in for_bacs(event()).varbinds] == [(1, n, 0) for n in range(1, 7)]


@pytest.mark.parametrize("value", [None, float("nan")])
def test_no_value_is_an_empty_text(value: float | None) -> None:
    assert list(contents(for_bacs(event(value=value))).values())[4] == b""


def test_a_long_text_is_cut() -> None:
    assert len(list(contents(for_bacs(event(text="x" * 999))).values())[5]) == 255  # type: ignore[arg-type]


def test_an_alarm_of_the_ups_mib_is_added_and_removed() -> None:
    raised, gone = for_ups(event(), Power(), None), for_ups(cleared(event()), Power(), None)
    assert raised is not None
    assert gone is not None
    assert (raised.oid, gone.oid) == ((*UPS, 2, 3), (*UPS, 2, 4))
    assert raised.varbinds == gone.varbinds
    assert contents(raised) == {
        (*UPS, 1, 6, 2, 1, 1, 7): 7,
        (*UPS, 1, 6, 2, 1, 2, 7): (*UPS, 1, 6, 3, 174),
    }


def test_on_battery_has_a_trap_of_its_own_and_no_end() -> None:
    on_battery = event(kind="on_battery")
    told = for_ups(on_battery, Power(61.0, 599.0), 3)
    assert told is not None
    assert told.oid == (*UPS, 2, 1)
    assert list(contents(told).values()) == [9, 61, 3]
    assert for_ups(cleared(on_battery), Power(), None) is None


def test_what_is_not_known_on_battery_is_left_out() -> None:
    told = for_ups(event(kind="on_battery"), Power(5.0, None), None)
    assert told is not None
    assert contents(told) == {(*UPS, 1, 2, 2, 0): 5}


@pytest.mark.parametrize(
    "other",
    [event(change=Change.ACKNOWLEDGED), event(change=Change.HAPPENED, alarm=None), event(change=Change.ESCALATED)],
)
def test_for_other_events_the_ups_mib_has_nothing(other: Event) -> None:
    assert for_ups(other, Power(), None) is None


def test_a_test_reaches_the_receiver_all_the_same() -> None:
    test = for_ups(event(9, Change.HAPPENED, kind="test", alarm=None, severity=Severity.NOTICE), Power(), None)
    assert test is not None
    assert contents(test)[(*UPS, 1, 6, 2, 1, 2, 9)] == (*UPS, 1, 6, 3, 24)
