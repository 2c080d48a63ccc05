"""One open event that one job follows: what it has told whom, and what time will make due."""

from dataclasses import dataclass, field
from typing import Any

from webmanager.domain.events import Change, Event
from webmanager.domain.jobs import Job, Power, Timing
from webmanager.engine.event_document import read_event, write_event

NEVER = float("inf")


@dataclass(slots=True)
class Follow:
    """`started_s` and `due_s` are device monotonic seconds; `told` are the receivers that know of the event."""

    job: str
    event: Event
    started_s: float
    due_s: float = NEVER
    round: int = 0
    step: int = 0
    told: list[str] = field(default_factory=list)
    acknowledged: bool = False
    muted: bool = False

    @classmethod
    def begin(cls, job: Job, event: Event, now_s: float) -> "Follow":
        """Starts to follow an event that was raised just now."""
        waits = job.timing in {Timing.AFTER, Timing.REPEAT}
        return cls(job.name, event, now_s, due_s=now_s + job.seconds if waits else NEVER)

    def fires(self, job: Job, now_s: float, power: Power) -> bool:
        """Whether the job must tell now."""
        match job.timing:
            case Timing.AT_ONCE:
                return not self.told
            case Timing.AFTER | Timing.REPEAT:
                return now_s >= self.due_s
            case Timing.ON_BATTERY:
                return not self.told and power.on_battery_s is not None and power.on_battery_s >= job.seconds
            case Timing.REMAINING:
                runs_out = power.on_battery_s is not None and power.remaining_s is not None
                return not self.told and runs_out and (power.remaining_s or 0.0) <= job.seconds

    def told_at(self, job: Job, now_s: float) -> None:
        """Notes that the job has told; a repeating one is due again, without catching up what was missed."""
        self.round += 1
        self.due_s = now_s + job.seconds if job.timing is Timing.REPEAT else NEVER

    def note(self, change: Change) -> None:
        """Takes over what people did to the alarm."""
        if change is Change.ACKNOWLEDGED:
            self.acknowledged = True
        elif change is Change.UNACKNOWLEDGED:
            self.acknowledged = False
        elif change is Change.SHELVED:
            self.muted = True
        elif change is Change.UNSHELVED:
            self.muted = False

    def next_due_s(self, job: Job) -> float:
        """When time alone makes something due, device monotonic seconds."""
        if not self.told or self.acknowledged or self.step >= len(job.escalations):
            return self.due_s
        return min(self.due_s, self.started_s + job.escalations[self.step].after_s)


def write_follow(follow: Follow, offset_s: float) -> dict[str, object]:
    """As a table of plain values; times in UTC, `offset_s` = UTC - monotonic."""
    return {
        "job": follow.job,
        "event": write_event(follow.event),
        "started": follow.started_s + offset_s,
        "due": None if follow.due_s == NEVER else follow.due_s + offset_s,
        "round": follow.round,
        "step": follow.step,
        "told": list(follow.told),
        "acknowledged": follow.acknowledged,
        "muted": follow.muted,
    }


def read_follow(table: dict[str, Any], offset_s: float) -> Follow:
    """From its table, `offset_s` = monotonic - UTC; KeyError, TypeError or ValueError if it is none."""
    return Follow(
        job=str(table["job"]),
        event=read_event(table["event"]),
        started_s=float(table["started"]) + offset_s,
        due_s=NEVER if table["due"] is None else float(table["due"]) + offset_s,
        round=int(table["round"]),
        step=int(table["step"]),
        told=[str(target) for target in table["told"]],
        acknowledged=bool(table["acknowledged"]),
        muted=bool(table["muted"]),
    )
