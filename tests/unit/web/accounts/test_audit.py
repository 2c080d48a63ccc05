"""The audit log: who did what, in one line each, and no flood."""

from fakes.event_log import FakeEventLog
from fakes.site import HostTime
from webmanager.web.accounts.audit import AGAIN_S, BURST, EVERY_S, LOGIN, LONGEST, REFUSED, SETTINGS, USERS, Audit


def made() -> tuple[Audit, FakeEventLog, HostTime]:
    events, host = FakeEventLog(), HostTime()
    return Audit(events, lambda: 1_790_000_000.0, host), events, host


def test_a_line_says_when_and_who() -> None:
    audit, events, _ = made()
    audit.note(USERS, "User kim was added as viewer.", "admin")
    assert events.lines == [(USERS, "User kim was added as viewer.", 1_790_000_000.0, "admin")]


def test_without_an_event_log_nothing_fails() -> None:
    Audit(None, lambda: 0.0, HostTime()).note(USERS, "x", "admin")


def test_brute_force_cannot_flood_it_and_what_is_left_out_is_counted() -> None:
    audit, events, host = made()
    for number in range(500):
        audit.refused(f"user{number}", "192.0.2.7")
    assert len(events.lines) == BURST
    assert events.lines[0][0] == REFUSED
    host.now_s += EVERY_S
    audit.refused("admin", "192.0.2.7")
    assert f"{500 - BURST} more wrong logins" in events.texts[-1]
    host.now_s += 1e6
    for _ in range(500):
        audit.refused("admin", "192.0.2.7")
    assert len(events.lines) == 2 * BURST + 1


def test_what_strangers_type_cannot_break_a_line() -> None:
    audit, events, _ = made()
    audit.refused("admin\nfake\u2028\x1b[2J" + "x" * 500, "192.0.2.7")
    audit.note(USERS, "a\nb" + "x" * 500, "admin")
    assert all(text.isprintable() and len(text) <= LONGEST for text in events.texts)


def test_a_program_is_told_once_a_day() -> None:
    audit, events, host = made()
    for _ in range(100):
        audit.program("admin", "192.0.2.7")
        host.now_s += 300
    assert [kind for kind, *_ in events.lines] == [LOGIN]
    host.now_s += AGAIN_S
    audit.program("admin", "192.0.2.7")
    assert len(events.lines) == 2


def test_only_so_many_programs_are_known() -> None:
    audit, _, _ = made()
    for number in range(2000):
        audit.program("admin", f"192.0.{number // 256}.{number % 256}")
    assert len(audit._programs) <= 256


def test_a_change_of_settings_names_the_fields_and_no_value() -> None:
    audit, events, _ = made()
    audit.changed(["scan.period_s"], "kim")
    audit.changed([f"limits.f{number}" for number in range(9)], "kim")
    assert events.texts == [
        "Settings changed: scan.period_s.",
        "Settings changed: limits.f0, limits.f1, limits.f2, limits.f3, limits.f4, limits.f5 and 3 more.",
    ]
    assert {(kind, by) for kind, _, _, by in events.lines} == {(SETTINGS, "kim")}


def test_programs_of_this_host_are_not_told() -> None:
    audit, events, _ = made()
    for source in ("127.0.0.1", "::1"):
        audit.program("admin", source)
    assert events.lines == []
    audit.program("admin", "unknown")
    assert len(events.lines) == 1
