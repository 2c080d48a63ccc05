"""The one thread that writes: takes minutes and events from a bounded line, and tidies up when there are none."""

import collections
import logging
import threading

from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import EventRecord
from webmanager.store.columns import Layout
from webmanager.store.compaction import Compaction, Steps
from webmanager.store.events import NotStorableError
from webmanager.store.gate import RowJob
from webmanager.store.ledger import Ledger
from webmanager.store.rows import MinuteRow

log = logging.getLogger(__name__)

MOST_WAITING, MOST_EVENTS_WAITING = 512, 10_000
"""Minutes, and events, waiting for the flash; beyond that the oldest of their kind are dropped and counted."""
JOBS_IN_A_ROW = 4
"""After so many jobs there is a step of what is due, so that a storm of events does not fill the journal meanwhile."""
LONGEST_PAUSE_S = 60.0
SYNC_EVERY = 32


Job = RowJob | EventRecord


class Recorder:
    """Writes jobs in order. While the flash fails it waits, ever longer, and tries the same job again."""

    def __init__(self, ledger: Ledger, layout: Layout) -> None:
        self._ledger = ledger
        self._layout = layout
        self._compaction = Compaction(ledger)
        self._steps: Steps | None = None
        self._jobs: collections.deque[Job] = collections.deque()
        self._events_waiting = 0
        self._in_a_row = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="flash store", daemon=True)
        self._is_stopping = False
        self._is_idle = True
        self._former: RowJob | None = None
        self._unsynced = 0
        self._failures = 0
        self.rows = 0
        self.rows_dropped = 0
        self.events_dropped = 0
        self.write_errors = 0
        self.error: str | None = None

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Hands over a job and returns at once; if too many wait, the oldest is dropped and counted."""
        with self._changed:
            is_event = isinstance(job, EventRecord)
            waiting = self._events_waiting if is_event else len(self._jobs) - self._events_waiting
            if waiting >= (MOST_EVENTS_WAITING if is_event else MOST_WAITING):
                self._drop_oldest(is_event=is_event)
            self._jobs.append(job)
            self._events_waiting += is_event
            self._is_idle = False
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Waits until everything handed over is written and nothing is due; False if that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle, timeout_s)

    def stop(self, timeout_s: float) -> None:
        """Writes what waits, once, and ends the thread."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while (job := self._next()) is not None or self._jobs or not self._is_stopping:
            try:
                if job is not None:
                    self._record(job)
                    self._sync_if_due()
                else:
                    self._tidy()
                self._succeed()
            except NotStorableError as error:
                log.warning("%s", error)
                self.events_dropped += 1
            except StoreError as error:
                self._fail(job, error)
            except Exception as error:
                # a fault of this program: the device goes on, the store is said to fail, nothing is tried again
                log.exception("The store failed in a way it should not")
                if job is not None:
                    self._count_dropped(job)
                self._fail(None, StoreError(f"{type(error).__name__}: {error}"))
        self._sync_at_end()

    def _next(self) -> Job | None:
        """The next job; None if there is none and it is time to tidy, or to end."""
        with self._changed:
            busy = self._steps is not None or self._compaction.is_due()
            if not self._jobs and not busy:
                self._is_idle = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._jobs or self._is_stopping, LONGEST_PAUSE_S)
            if busy and self._in_a_row >= JOBS_IN_A_ROW and not self._is_stopping:
                self._in_a_row = 0
                return None
            self._in_a_row += 1
            job = self._jobs.popleft() if self._jobs else None
            self._events_waiting -= isinstance(job, EventRecord)
            return job

    def _record(self, job: Job) -> None:
        if isinstance(job, EventRecord):
            self._ledger.append_event(job.at_s, job.kind, job.document)
            self._unsynced += 1
            return
        with self._ledger.lock:
            minute = self._ledger.place(job.wall, job.minutes_since(self._former))
            if minute is None:
                self.rows_dropped += 1
                return
            self._ledger.append_row(self._layout, MinuteRow(minute, job.row.mean, job.row.below, job.row.above))
        self._former = job
        self._unsynced += 1
        self.rows += 1

    def _sync_if_due(self) -> None:
        if self._unsynced and (self._unsynced >= SYNC_EVERY or not self._jobs):
            self._ledger.sync()
            self._unsynced = 0

    def _tidy(self) -> None:
        """One step of what is due."""
        if self._steps is None and self._compaction.is_due():
            self._steps = self._compaction.steps()
        if self._steps is not None:
            try:
                with self._ledger.lock:
                    next(self._steps)
            except StopIteration:
                self._steps = None

    def _succeed(self) -> None:
        if self.error is not None:
            log.info("The store works again.")
        self.error, self._failures = None, 0

    def _fail(self, job: Job | None, error: StoreError) -> None:
        """Notes a failure, and waits before the same is tried again."""
        self.write_errors += 1
        self._steps = None
        if self.error != str(error):
            log.error("The store fails: %s", error)
        self.error = str(error)
        self._failures += 1
        with self._changed:
            if job is not None:
                if self._is_stopping:
                    self._count_dropped(job)
                else:
                    self._jobs.appendleft(job)
                    self._events_waiting += isinstance(job, EventRecord)
            pause_s = min(2.0 ** min(self._failures, 10), LONGEST_PAUSE_S)
            self._changed.wait_for(lambda: self._is_stopping, pause_s)

    def _drop_oldest(self, *, is_event: bool) -> None:
        oldest = next(job for job in self._jobs if isinstance(job, EventRecord) is is_event)
        self._jobs.remove(oldest)
        self._events_waiting -= is_event
        self._count_dropped(oldest)

    def _count_dropped(self, job: Job) -> None:
        if isinstance(job, EventRecord):
            self.events_dropped += 1
        else:
            self.rows_dropped += 1

    def _sync_at_end(self) -> None:
        try:
            self._ledger.sync()
        except StoreError as error:
            log.error("The store could not be synced at the end: %s", error)
