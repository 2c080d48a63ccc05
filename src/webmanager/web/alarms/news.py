"""What changes of the alarms, as it goes out on the live stream: one text a change, the newest few hundred."""

import json
from collections import deque
from collections.abc import Callable

from webmanager.domain.events import Event
from webmanager.engine.alarming import AlarmDesk
from webmanager.web.alarms.objects import counts_object, event_object

MOST_KEPT = 200
"""A stream that is farther behind misses events; the counts of the next one are right all the same."""


class AlarmNews:
    """Follows the desk from `open` to `close`; `number` counts what it has heard, `on_news` is called each time."""

    def __init__(self, desk: AlarmDesk | None = None, on_news: Callable[[], None] = lambda: None) -> None:
        self._desk = desk
        self._on_news = on_news
        self._texts: deque[bytes] = deque(maxlen=MOST_KEPT)
        self._leave: Callable[[], None] = lambda: None
        self.number = 0

    def open(self) -> None:
        """Begins to listen."""
        if self._desk is not None:
            self._leave = self._desk.listen(self._take)

    def close(self) -> None:
        """Listens no more; may be called twice."""
        self._leave()
        self._leave = lambda: None

    def since(self, number: int) -> list[bytes]:
        """The texts after `number`, as far as they are kept, oldest first."""
        count = min(self.number - number, len(self._texts))
        return list(self._texts)[len(self._texts) - count :] if count > 0 else []

    def _take(self, event: Event) -> None:
        if self._desk is None:
            return
        data = event_object(event) | {"counts": counts_object(self._desk.picture)}
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        self._texts.append(f"event: event\ndata: {text}\n\n".encode())
        self.number += 1
        self._on_news()
