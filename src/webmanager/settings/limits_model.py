"""Page *Limits*: what an installation wants otherwise than the table, validated as a whole."""

from typing import Literal, Self

from pydantic import Field, model_validator

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Severity
from webmanager.domain.limits import Change, Limits, limits_of
from webmanager.settings.section import Section

TierName = Literal["notice", "warning", "alarm"]


class LimitValues(Section):
    """One kind of alarm; what is left out keeps its default. Voltages per cell, currents per Ah of C10."""

    notice: float | None = Field(None, description="Raises a notice beyond this.")
    warning: float | None = Field(None, description="Raises a warning beyond this.")
    alarm: float | None = Field(None, description="Raises an alarm beyond this.")
    gap: float | None = Field(None, gt=0, description="It clears only when the value has come back by this much.")
    hold: float | None = Field(
        None, ge=0, le=86_400, description="So long, in s or in readings, it must last before it is raised or cleared."
    )
    off: tuple[TierName, ...] = Field((), description="Tiers that are switched off.")

    def to_domain(self) -> Change:
        """As the domain knows it."""
        off = frozenset(Severity[name.upper()] for name in self.off)
        return Change(self.notice, self.warning, self.alarm, self.gap, self.hold, off)


class LimitsSettings(Section):
    """All limits of an installation: the table with its changes. They take effect at once, also on open alarms."""

    kinds: dict[str, LimitValues] = Field(
        default_factory=dict, description="Changed limits by kind; the table of all kinds is in docs/limits.md."
    )
    start_grace_s: float = Field(60.0, ge=0, le=3600, description="After a start nothing is raised for so long.")
    maintenance_max_h: float = Field(8.0, ge=0.25, le=24, description="Maintenance mode ends by itself after this.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        try:
            self.to_domain()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return self

    def to_domain(self) -> Limits:
        """The limits in force; ConfigError if they contradict each other."""
        return limits_of({kind: values.to_domain() for kind, values in self.kinds.items()})
