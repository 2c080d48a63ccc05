from dataclasses import replace

from fakes.events import AT, event
from webmanager.app.event_log import DELIVERY, EventLog
from webmanager.domain.events import Delivery
from webmanager.engine.event_document import read_event
from webmanager.engine.history_ports import EventRecord


class SlowStore:
    """A store that writes only when it is told to."""

    def __init__(self) -> None:
        self.records: list[EventRecord] = []
        self.is_idle = False

    def append_event(self, event: EventRecord) -> None:
        self.records.append(event)

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> list[EventRecord]:
        return [record for record in reversed(self.records) if from_s is None or record.at_s >= from_s][:limit]

    def wait(self, timeout_s: float) -> bool:
        return self.is_idle


def test_an_event_is_confirmed_only_when_it_is_on_the_flash() -> None:
    store = SlowStore()
    log = EventLog(store)
    log.write(event(1))
    log.write(event(2))
    assert log.confirmed() == []
    store.is_idle = True
    assert log.confirmed() == [1, 2]
    assert log.confirmed() == []


def test_a_store_that_fails_for_good_holds_nothing_back() -> None:
    log = EventLog(SlowStore())
    log.write(event(1))
    assert log.confirmed(gave_up=True) == [1]


def test_what_is_stored_can_be_read_back_as_the_event_it_was() -> None:
    store = SlowStore()
    EventLog(store).write(event(7))
    (record,) = store.records
    assert (record.at_s, record.kind) == (AT, "voltage_high")
    assert read_event(dict(record.document)) == event(7)


def test_a_delivery_is_logged_with_its_proof_but_not_that_of_a_sign_of_life() -> None:
    store = SlowStore()
    log = EventLog(store)
    log.delivered(Delivery(7, "job", "mail", "delivered", AT, "250 accepted"))
    log.delivered(Delivery(0, "beat", "mail", "delivered", AT, "250 accepted"))
    (record,) = store.records
    assert record.kind == DELIVERY
    assert (record.document["event"], record.document["proof"]) == (7, "250 accepted")


def test_after_a_restart_it_knows_what_was_logged_before() -> None:
    store = SlowStore()
    log = EventLog(store)
    log.write(event(7))
    log.delivered(Delivery(8, "job", "mail", "delivered", AT, ""))
    assert log.known([event(7), replace(event(8), at=AT + 5)]) == {7}
    assert log.known([]) == set()
