import pytest
from pydantic import ValidationError

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Severity
from webmanager.domain.jobs import Escalation, Timing, Verb
from webmanager.settings.destinations_model import MailReceiver, RccmdReceiver, TrapReceiver
from webmanager.settings.file import validate
from webmanager.settings.jobs_model import GeneralAlarmSettings, JobSettings, NotifySettings

MAIL = {"type": "mail", "name": "mail", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"]}


def test_a_job_becomes_what_the_domain_knows() -> None:
    job = JobSettings.model_validate(
        {
            "name": "power",
            "to": ["mail"],
            "kinds": ["voltage_*"],
            "least_severity": "warning",
            "strings": [1, 2],
            "changes": ["raised"],
            "when": "on_battery",
            "seconds": 60,
            "do": "execute",
            "argument": "stop",
            "escalate": [{"after_s": 600, "to": ["chief"]}],
        }
    ).to_domain()
    assert (job.timing, job.seconds, job.verb, job.argument) == (Timing.ON_BATTERY, 60.0, Verb.EXECUTE, "stop")
    assert job.filter.kinds == ("voltage_*",)
    assert (job.filter.severity, job.filter.strings) == (Severity.WARNING, frozenset({1, 2}))
    assert job.filter.changes == {Change.RAISED}
    assert job.escalations == (Escalation(600.0, ("chief",)),)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"when": "after"}, "seconds must be"),
        ({"do": "switch"}, "needs an argument"),
        ({"do": "execute", "argument": "rm -rf"}, "should match pattern"),
        ({"kinds": ["a b"]}, "letters, digits"),
        ({"to": []}, "at least 1"),
        ({"name": "a/b"}, "should match pattern"),
        ({"escalate": [{"after_s": 600, "to": ["x"]}, {"after_s": 60, "to": ["y"]}]}, "one after the other"),
        ({"surprise": 1}, "extra"),
    ],
)
def test_a_job_that_cannot_be(job: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=rf"(?i){words}"):
        JobSettings.model_validate({"name": "job", "to": ["mail"], **job})


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"receivers": [MAIL, MAIL]}, "two receivers are called 'mail'"),
        ({"receivers": [MAIL], "jobs": [{"name": "j", "to": ["nobody"]}]}, "no receiver called 'nobody'"),
        (
            {
                "receivers": [MAIL],
                "jobs": [{"name": "j", "to": ["mail"], "escalate": [{"after_s": 9, "to": ["boss"]}]}],
            },
            "no receiver called 'boss'",
        ),
        ({"receivers": [MAIL], "beats": [{"name": "b", "to": ["nobody"]}]}, "no receiver called 'nobody'"),
        (
            {"receivers": [MAIL], "jobs": [{"name": "x", "to": ["mail"]}], "beats": [{"name": "x", "to": ["mail"]}]},
            "two jobs are called 'x'",
        ),
        ({"receivers": [{"type": "pigeon", "name": "p"}]}, "pigeon"),
    ],
)
def test_names_must_fit_together(tables: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        validate(tables, NotifySettings, "settings.toml")
    assert "\n" not in str(caught.value)


def test_a_login_needs_a_protected_connection() -> None:
    with pytest.raises(ValidationError, match="would show the password"):
        MailReceiver.model_validate({**MAIL, "user": "u", "password": "p", "security": "none"})


@pytest.mark.parametrize("address", ["a", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b,c@d", "@b", "a@"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        MailReceiver.model_validate({**MAIL, "to": [address]})


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"receivers": "192.168.1.255,192.168.1.7"}, "exclude each other"),
        ({"receivers": "192.168.1.255", "transport": "tcp"}, "needs transport udp"),
        ({"receivers": "192.168.1.7, 192.168.1.8"}, "without spaces"),
        ({"receivers": ""}, "without spaces"),
        ({"receivers": ",".join(["h"] * 51)}, "at most 50"),
        ({"receivers": "h", "ups_model": "A\nB"}, "pattern"),
    ],
)
def test_rccmd_receivers_are_one_broadcast_or_single_addresses(parts: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RccmdReceiver.model_validate({"name": "r", **parts})


def test_rccmd_receivers_one_by_one() -> None:
    assert RccmdReceiver(name="r", receivers="192.168.1.7,server-2").addresses == ("192.168.1.7", "server-2")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"version": "1", "inform": True}, "knows no informs"),
        ({"version": "3"}, "needs a user"),
        ({"version": "3", "user": "u", "auth_key": "short"}, "at least 8"),
        ({"version": "3", "user": "u", "priv_key": "longenough"}, "give auth_key"),
    ],
)
def test_trap_receivers_that_cannot_be(parts: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TrapReceiver.model_validate({"name": "t", "host": "h", **parts})


def test_the_general_alarm_is_for_alarms_by_default() -> None:
    assert GeneralAlarmSettings().to_domain().severity is Severity.ALARM
