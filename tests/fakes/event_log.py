"""An event log a test can read."""

from dataclasses import dataclass, field

from fakes.board import FakeBatteries
from webmanager.domain.events import Event
from webmanager.domain.limits import limits_of
from webmanager.engine.alarming import AlarmDesk


@dataclass
class FakeEventLog:
    """Takes what happened, as the alarm desk does."""

    lines: list[tuple[str, str, float, str | None]] = field(default_factory=list)

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> None:
        self.lines.append((kind, text, at, by))

    def desk(self) -> AlarmDesk:
        """A real alarm desk that tells this log."""
        return AlarmDesk(FakeBatteries().installation, limits_of(), at=0.0, sink=self._take)

    def _take(self, event: Event) -> None:
        self.happened(event.kind, event.text, event.at, event.by)

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _, _ in self.lines]
