import pytest

from fakes.events import event
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Severity, Source
from webmanager.domain.jobs import Beat, Escalation, EventFilter, Job, Timing, Verb


@pytest.mark.parametrize(
    ("filter_", "covered"),
    [
        (EventFilter(), True),
        (EventFilter(kinds=("voltage_high",)), True),
        (EventFilter(kinds=("temperature_*", "voltage_*")), True),
        (EventFilter(kinds=("temperature_*",)), False),
        (EventFilter(kinds=("VOLTAGE_*",)), False),
        (EventFilter(severity=Severity.ALARM), True),
        (EventFilter(strings=frozenset({3, 4})), True),
        (EventFilter(strings=frozenset({1})), False),
    ],
)
def test_a_filter_covers_by_kind_severity_and_string(filter_: EventFilter, covered: bool) -> None:
    assert filter_.covers(event()) is covered


def test_the_audit_log_concerns_only_a_job_that_names_it() -> None:
    login = event(kind="access_login", change=Change.HAPPENED, severity=Severity.NOTICE)
    assert not EventFilter().covers(login)
    assert EventFilter(kinds=("access_*",)).covers(login)


def test_what_is_less_severe_is_left_out() -> None:
    assert not EventFilter(severity=Severity.ALARM).covers(event(severity=Severity.WARNING))


def test_an_event_of_the_whole_device_concerns_every_string() -> None:
    assert EventFilter(strings=frozenset({1})).covers(event(source=Source("bus")))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"targets": ()}, "names no receiver"),
        ({"timing": Timing.AFTER}, "seconds must be 1 to 604800 with timing after"),
        ({"timing": Timing.REPEAT, "seconds": 604_801.0}, "seconds must be"),
        ({"verb": Verb.SWITCH}, "switch needs an argument"),
        ({"verb": Verb.EXECUTE}, "execute needs an argument"),
        ({"escalations": (Escalation(60, ("b",)), Escalation(60, ("c",)))}, "one after the other"),
        ({"escalations": (Escalation(0, ("b",)),)}, "one after the other"),
    ],
)
def test_a_job_that_cannot_be_is_named(parts: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match="job mail") as caught:
        Job(**{"name": "mail", "targets": ("a",), **parts})  # type: ignore[arg-type]
    assert reason in str(caught.value)


def test_a_beat_has_a_receiver_and_a_sane_interval() -> None:
    with pytest.raises(ConfigError, match="10 s to 31 days"):
        Beat("alive", ("a",), 5.0)
    with pytest.raises(ConfigError, match="no receiver"):
        Beat("alive", (), 60.0)
