"""What an event says in a notification: ours with all it knows, or the one the UPS-MIB has for it. Pure."""

from dataclasses import dataclass

from webmanager.domain.events import Change, Event
from webmanager.domain.jobs import Power
from webmanager.engine.job_text import with_unit
from webmanager.snmp.asn1 import Kind, Oid, Value, integer, text
from webmanager.snmp.mib import (
    ALARM_ENTRY,
    EVENT_ID,
    EVENT_KIND,
    EVENT_SEVERITY,
    EVENT_SOURCE,
    EVENT_TEXT,
    EVENT_VALUE,
    LOW_BATTERY_TIME,
    MINUTES_REMAINING,
    SECONDS_ON_BATTERY,
    TEST_IN_PROGRESS,
    TRAP_ACKNOWLEDGED,
    TRAP_ALARM_ADDED,
    TRAP_ALARM_REMOVED,
    TRAP_CLEARED,
    TRAP_ON_BATTERY,
    TRAP_OTHER,
    TRAP_RAISED,
    alarm_oid,
)

OURS = {Change.RAISED: TRAP_RAISED, Change.CLEARED: TRAP_CLEARED, Change.ACKNOWLEDGED: TRAP_ACKNOWLEDGED}
THEIRS = {Change.RAISED: TRAP_ALARM_ADDED, Change.CLEARED: TRAP_ALARM_REMOVED}


@dataclass(frozen=True, slots=True)
class Notification:
    """Its OID, and what it carries in the order of the MIB."""

    oid: Oid
    varbinds: tuple[tuple[Oid, Value], ...]


def for_bacs(event: Event) -> Notification:
    """Ours: 1 raised, 2 cleared, 3 acknowledged, 4 anything else."""
    return Notification(
        OURS.get(event.change, TRAP_OTHER),
        (
            (EVENT_ID, integer(event.id)),
            (EVENT_KIND, text(event.kind, 60)),
            (EVENT_SEVERITY, integer(int(event.severity))),
            (EVENT_SOURCE, text(event.source.name, 60)),
            (EVENT_VALUE, text(with_unit(event.value, event.unit), 60)),
            (EVENT_TEXT, text(event.text)),
        ),
    )


def for_ups(event: Event, power: Power, low_battery_min: int | None) -> Notification | None:
    """The UPS-MIB's: on battery, alarm added, alarm removed; None where it has none. Unknown figures are left out."""
    if event.kind == "on_battery":
        return _on_battery(power, low_battery_min) if event.change is Change.RAISED else None
    if event.kind == "test":
        return Notification(TRAP_ALARM_ADDED, _alarm(event.id, TEST_IN_PROGRESS))
    oid = THEIRS.get(event.change)
    if oid is None or event.alarm is None:
        return None
    return Notification(oid, _alarm(event.alarm, alarm_oid(event.kind, event.severity)))


def _on_battery(power: Power, low_battery_min: int | None) -> Notification:
    minutes = None if power.remaining_s is None else power.remaining_s // 60
    figures = (
        (MINUTES_REMAINING, minutes),
        (SECONDS_ON_BATTERY, power.on_battery_s or 0.0),
        (LOW_BATTERY_TIME, low_battery_min),
    )
    return Notification(TRAP_ON_BATTERY, tuple((oid, integer(value)) for oid, value in figures if value is not None))


def _alarm(number: int, described: Oid) -> tuple[tuple[Oid, Value], ...]:
    return (
        ((*ALARM_ENTRY, 1, number), integer(number)),
        ((*ALARM_ENTRY, 2, number), Value(Kind.OID, described)),
    )
