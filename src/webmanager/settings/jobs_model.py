"""Page *Jobs*: what happens on which event, and the general alarm."""

from typing import Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Severity
from webmanager.domain.jobs import Beat, Escalation, EventFilter, Job, Timing, Verb
from webmanager.settings.destinations_model import AnyReceiver, Name
from webmanager.settings.section import Section

ChangeWord = Literal[
    "raised",
    "worsened",
    "cleared",
    "acknowledged",
    "unacknowledged",
    "shelved",
    "unshelved",
    "commented",
    "escalated",
    "happened",
]


class EscalationSettings(Section):
    """The next list of receivers."""

    after_s: float = Field(
        ge=1, le=7 * 86400, title="Waiting time", description="Told when nobody has acknowledged so long."
    )
    to: tuple[Name, ...] = Field(min_length=1, max_length=20)


class JobSettings(Section):
    """One job."""

    name: Name
    enabled: bool = True
    to: tuple[Name, ...] = Field(min_length=1, max_length=20, description="Names of receivers, one a line.")
    kinds: tuple[str, ...] = Field((), description="Kinds of events, `*` allowed; empty = all.")
    least_severity: Literal["notice", "warning", "alarm"] = "notice"
    strings: tuple[int, ...] = Field((), description="Strings; empty = all.")
    changes: tuple[ChangeWord, ...] = Field(("raised", "cleared", "happened"), description="What of an alarm is told.")
    when: Literal["at_once", "after", "repeat", "on_battery", "remaining"] = "at_once"
    seconds: float = Field(0.0, ge=0, le=7 * 86400, description="Belongs to `when`.")
    do: Literal["tell", "shutdown", "execute", "wake_up", "switch"] = "tell"
    argument: str = Field("", max_length=60, pattern=r"^[A-Za-z0-9._-]*$", description="Relay, or name of a command.")
    subject: str = Field("", max_length=120, description="Template; empty = the usual words.")
    text: str = Field("", max_length=1000, description="Template; empty = the usual words.")
    language: Literal["en", "de"] = "en"
    escalate: tuple[EscalationSettings, ...] = Field((), max_length=5)

    @field_validator("kinds")
    @classmethod
    def _check_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if any(not kind.replace("*", "a").replace("_", "a").isalnum() or len(kind) > 60 for kind in kinds):
            raise ValueError("letters, digits, _ and * are expected")
        return kinds

    @model_validator(mode="after")
    def _can_be(self) -> "JobSettings":
        try:
            self.to_domain()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def to_domain(self) -> Job:
        """As the domain knows it; ConfigError if it cannot be."""
        filter_ = EventFilter(
            kinds=self.kinds,
            severity=Severity[self.least_severity.upper()],
            strings=frozenset(self.strings),
            changes=frozenset(Change(change) for change in self.changes),
        )
        return Job(
            name=self.name,
            targets=self.to,
            filter=filter_,
            timing=Timing(self.when),
            seconds=self.seconds,
            verb=Verb(self.do),
            argument=self.argument,
            subject=self.subject,
            text=self.text,
            language=self.language,
            escalations=tuple(Escalation(step.after_s, step.to) for step in self.escalate),
            enabled=self.enabled,
        )


class BeatSettings(Section):
    """A message that comes again and again."""

    name: Name
    to: tuple[Name, ...] = Field(min_length=1, max_length=20, description="Names of receivers, one a line.")
    every_s: float = Field(86400.0, ge=10, le=31 * 86400)
    logged: bool = Field(
        True, description="The end-to-end test stands in the log with its proof; a heartbeat does not."
    )
    language: Literal["en", "de"] = "en"

    def to_domain(self) -> Beat:
        """As the domain knows it."""
        return Beat(self.name, self.to, self.every_s, self.logged, self.language)


class GeneralAlarmSettings(Section):
    """The general alarm: buzzer and fail-safe relay."""

    buzzer: bool = Field(True, description="Sound the buzzer until the alarm is acknowledged or ends.")
    relay: bool = Field(True, description="Open the fail-safe alarm relay while the alarm lasts.")
    least_severity: Literal["notice", "warning", "alarm"] = "alarm"
    kinds: tuple[str, ...] = Field((), description="Kinds of events, `*` allowed; empty = all.")
    pick_up_s: float = Field(17.0, ge=15, le=20, description="The relay picks up so long after the start.")

    def to_domain(self) -> EventFilter:
        """Which alarms make it."""
        return EventFilter(kinds=self.kinds, severity=Severity[self.least_severity.upper()])


class NotifySettings(Section):
    """All of the page *Jobs*."""

    model_config = ConfigDict(title="Receivers and jobs")

    receivers: tuple[AnyReceiver, ...] = Field((), max_length=32)
    jobs: tuple[JobSettings, ...] = Field((), max_length=100)
    beats: tuple[BeatSettings, ...] = Field((), max_length=10)
    general_alarm: GeneralAlarmSettings = GeneralAlarmSettings()

    @model_validator(mode="after")
    def _names_fit(self) -> "NotifySettings":
        receivers = [receiver.name for receiver in self.receivers]
        _no_twins("receivers", receivers)
        _no_twins("jobs", [job.name for job in self.jobs] + [beat.name for beat in self.beats])
        for job in self.jobs:
            _known(job.name, [*job.to, *(name for step in job.escalate for name in step.to)], receivers)
        for beat in self.beats:
            _known(beat.name, beat.to, receivers)
        return self


def _no_twins(what: str, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise ValueError(f"two {what} are called {twins[0]!r}")


def _known(job: str, names: list[str] | tuple[str, ...], receivers: list[str]) -> None:
    strangers = sorted(set(names) - set(receivers))
    if strangers:
        raise ValueError(f"job {job!r}: there is no receiver called {strangers[0]!r}")
