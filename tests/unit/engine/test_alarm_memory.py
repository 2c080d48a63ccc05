from fakes.observations import AT, room_of
from fakes.state import MemoryStateKeeper
from webmanager.domain.alarms import AlarmBook
from webmanager.domain.judge import Judge
from webmanager.domain.limits import limits_of
from webmanager.engine.alarm_memory import ALARMS, LEARNED, AlarmMemory, Remembered

ROOM = room_of(8, 2)


def judge() -> Judge:
    return Judge(ROOM, limits_of())


def test_without_a_keeper_nothing_is_kept_and_nothing_fails() -> None:
    memory = AlarmMemory(None)
    memory.keep(judge(), Remembered(), AT)
    memory.keep_learned(judge())
    assert memory.restore(judge(), AT) == Remembered()


def test_numbers_unsent_events_and_maintenance_come_back() -> None:
    keeper = MemoryStateKeeper()
    memory = AlarmMemory(keeper)
    state = Remembered(AlarmBook(next_alarm=7, next_event=40), calm_left_s=300.0, calm_by="kern")
    events = [state.book.happened("test", "Event.", AT)]
    memory.remember(state, events)
    memory.keep(judge(), state, AT)
    back = AlarmMemory(keeper).restore(judge(), AT + 100.0)
    assert (back.book.next_alarm, back.book.next_event) == (7, 41)
    assert list(back.unsent.values()) == events
    assert (back.calm_left_s, back.calm_by) == (200.0, "kern")


def test_maintenance_that_would_be_over_by_now_ends_at_once() -> None:
    keeper = MemoryStateKeeper()
    AlarmMemory(keeper).keep(judge(), Remembered(calm_left_s=300.0), AT)
    assert AlarmMemory(keeper).restore(judge(), AT + 9999.0).calm_left_s == 0.0


def test_two_documents_with_their_names() -> None:
    keeper = MemoryStateKeeper()
    memory = AlarmMemory(keeper)
    memory.keep(judge(), Remembered(), AT)
    memory.keep_learned(judge())
    assert set(keeper.documents) == {ALARMS, LEARNED}
    assert set(keeper.documents[LEARNED]) == {"strings", "baseline", "diagnosis", "sensors"}


def test_which_sensors_there_are_comes_back() -> None:
    keeper = MemoryStateKeeper()
    first = judge()
    first.sensors_known[1] = True
    AlarmMemory(keeper).keep_learned(first)
    second = judge()
    AlarmMemory(keeper).restore(second, AT)
    assert second.sensors_known.tolist() == [False, True]
