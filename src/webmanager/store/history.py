"""`FlashHistory`: the store beside a running device. Scans come in and return at once; one thread writes and tidies."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.installation import Installation
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.history_ports import EventRecord, Selection, Series, StoreState, StoreStatus
from webmanager.store.columns import Layout
from webmanager.store.flash import DEVICE_SECTORS
from webmanager.store.gate import MinuteGate
from webmanager.store.ledger import Ledger
from webmanager.store.medium import Medium, StoreLockedError, open_to_read, open_to_write
from webmanager.store.query import query, read_events
from webmanager.store.recorder import Recorder
from webmanager.store.status import NOTHING_STORED, status_of

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 5.0
WARM_UP_POINTS = 1000


class FlashHistory:
    """Implements `History` and `HistoryReader`. Without a usable flash it says so, and everything else goes on."""

    def __init__(self, data_dir: Path, installation: Installation, sectors: int = DEVICE_SECTORS) -> None:
        """Opens the flash of a directory and starts writing; StoreLockedError if another process has it."""
        layout = Layout.of(installation)
        self._gate = MinuteGate(layout)
        self._state: StoreState = "ok"
        self._text = ""
        self._lost_rows = self._lost_events = 0
        self._medium = self._opened(data_dir, sectors)
        self._recorder: Recorder | None = None
        self.ledger: Ledger | None = None
        """What queries and exports read; None without a flash."""
        if self._medium is not None:
            self.ledger = self._mounted(self._medium)
            self._warm_up()
            if self.ledger is not None and not self._medium.read_only:
                self._recorder = Recorder(self.ledger, layout)
                self._recorder.start()

    def add(self, snapshot: Snapshot) -> None:
        job = self._gate.add(snapshot)
        if job is None:
            return
        if self._recorder is not None:
            self._recorder.put(job)
        else:
            self._lost_rows += 1

    def append_event(self, event: EventRecord) -> None:
        if self._recorder is not None:
            self._recorder.put(event)
        else:
            self._lost_events += 1

    def query(self, selection: Selection, from_s: float | None, to_s: float | None, points: int) -> Series:
        if self.ledger is None:
            nothing = np.zeros(0)
            return Series(60, nothing, nothing, nothing, nothing)
        return query(self.ledger, selection, from_s, to_s, points)

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> Sequence[EventRecord]:
        return [] if self.ledger is None else read_events(self.ledger, from_s, to_s, limit)

    def status(self) -> StoreStatus:
        if self.ledger is None:
            lost = (self._lost_rows, self._lost_events)
            return replace(NOTHING_STORED, text=self._text, rows_dropped=lost[0], events_dropped=lost[1])
        status = status_of(self.ledger, self._state, self._text)
        recorder, medium = self._recorder, self._medium
        if recorder is None:
            return replace(status, rows_dropped=self._lost_rows, events_dropped=self._lost_events)
        return replace(
            status,
            state="ok" if recorder.error is None else "failing",
            text=recorder.error or self._text,
            rows=recorder.rows,
            rows_dropped=recorder.rows_dropped,
            events_dropped=recorder.events_dropped + status.events_dropped,
            write_errors=recorder.write_errors,
            moved_aside=medium.moved_aside if medium is not None else None,
        )

    def wait(self, timeout_s: float) -> bool:
        """Waits until all that was handed over is on the flash; False if that took too long."""
        return self._recorder is None or self._recorder.wait(timeout_s)

    def close(self) -> None:
        """Writes what waits and closes the flash. The minute being gathered is not yet one, and is given up."""
        if self._recorder is not None:
            self._recorder.stop(CLOSE_TIMEOUT_S)
        if self._medium is not None:
            self._medium.close()

    def _warm_up(self) -> None:
        """Asks once for all that is stored of one battery, so that the first one who looks need not wait for it."""
        try:
            self.query(Selection("voltage", 1), None, None, WARM_UP_POINTS)
        except StoreError as error:
            log.warning("The store was not read beforehand: %s", error)

    def _mounted(self, medium: Medium) -> Ledger | None:
        try:
            ledger = Ledger(medium.flash)
            ledger.open_heads()
            return ledger
        except StoreError as error:
            log.error("The store cannot be read: %s", error)
            self._state, self._text = "absent", str(error)
            return None

    def _opened(self, data_dir: Path, sectors: int) -> Medium | None:
        try:
            medium = open_to_write(data_dir, sectors)
        except StoreLockedError:
            raise
        except StoreError as error:
            log.error("The store cannot be written: %s", error)
            self._text = str(error)
        else:
            if medium.moved_aside is not None:
                self._text = f"the flash image was not recognised; it is kept as {medium.moved_aside.name}"
                log.warning("%s", self._text)
            return medium
        try:
            medium = open_to_read(data_dir)
        except StoreError:
            self._state = "absent"
            return None
        self._state = "read_only"
        return medium
