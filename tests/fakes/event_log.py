"""An event log a test can read."""

from dataclasses import dataclass, field


@dataclass
class FakeEventLog:
    """Takes what happened, as the alarm desk does."""

    lines: list[tuple[str, str, float, str | None]] = field(default_factory=list)

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> None:
        self.lines.append((kind, text, at, by))

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _, _ in self.lines]
