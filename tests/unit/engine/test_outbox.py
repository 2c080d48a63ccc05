import asyncio
from itertools import pairwise

import pytest

from fakes.events import event, message
from fakes.state import MemoryStateKeeper
from webmanager.domain.jobs import Verb
from webmanager.engine.event_document import read_message, write_message
from webmanager.engine.outbox import MOST_KEPT, Outbox


def test_a_message_survives_its_document() -> None:
    full = message(
        events=(event(1), event(2, value=None, limit=None, affected=(42, 43), by="anna", string_state="float")),
        verb=Verb.SWITCH,
        argument="relay2",
        ended=True,
        remaining_s=90.0,
        text="#1 ä",
    )
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    outbox.add(full)
    outbox.keep()
    assert Outbox(keeper).left_over == (full,)


@pytest.mark.parametrize("spoilt", [{"verb": "dance"}, {"events": []}, {"events": [{}]}, {"surplus": 1}, {"at": None}])
def test_a_message_that_cannot_be_read_is_left_out(spoilt: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    keeper = MemoryStateKeeper()
    row = {**write_message(message()), **spoilt}
    if spoilt == {"at": None}:
        del row["at"]
    keeper.save("outbox", {"messages": [row, write_message(message(2))]})
    assert [left.event.id for left in Outbox(keeper).left_over] == [2]
    assert "cannot be read" in caplog.text


def test_only_the_newest_are_kept() -> None:
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    for number in range(MOST_KEPT + 7):
        outbox.add(message(number))
    outbox.keep()
    left = Outbox(keeper).left_over
    assert (len(left), left[0].event.id) == (MOST_KEPT, 7)


def test_a_digest_replaces_its_parts() -> None:
    outbox = Outbox(None)
    parts = [message(number) for number in range(3)]
    for part in parts:
        outbox.add(part)
    outbox.merge(parts[0], parts[1:])
    assert len(outbox) == 1
    outbox.remove(parts[0])
    assert len(outbox) == 0


async def test_a_change_is_saved_at_once_and_the_last_state_at_the_end() -> None:
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    task = asyncio.create_task(outbox.run())
    outbox.add(message())
    async with asyncio.timeout(5):
        while "outbox" not in keeper.documents:
            await asyncio.sleep(0)
    outbox.remove(message())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert keeper.documents["outbox"]["messages"] == []


def test_the_document_is_plain() -> None:
    assert read_message(dict(write_message(message()))) == message()


def test_what_has_ended_is_known_after_a_restart() -> None:
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    outbox.add(message(1))
    outbox.remove(message(1))
    outbox.keep()
    again = Outbox(keeper)
    assert again.left_over == ()
    assert again.knows(message(1))
    assert not again.knows(message(2))
    assert not again.knows(message(1, events=(event(1, at=5.0),)))  # numbers that began anew are other events


def test_parts_of_a_digest_are_known_on_its_way_and_after_its_end() -> None:
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    parts = [message(number) for number in range(3)]
    for part in parts:
        outbox.add(part)
    outbox.merge(parts[0], parts[1:])
    outbox.keep()
    on_its_way = Outbox(keeper)
    assert [on_its_way.knows(part) for part in parts] == [False, True, True]
    (digest,) = on_its_way.left_over
    on_its_way.add(digest)
    on_its_way.remove(digest)
    on_its_way.keep()
    assert all(Outbox(keeper).knows(part) for part in parts)
    assert keeper.documents["outbox"]["joined"] == {}


def test_what_is_known_of_the_past_is_bounded() -> None:
    keeper = MemoryStateKeeper()
    outbox = Outbox(keeper)
    for number in range(MOST_KEPT + 7):
        outbox.add(message(number))
        outbox.remove(message(number))
    outbox.keep()
    again = Outbox(keeper)
    assert [again.knows(message(number)) for number in (6, 7, MOST_KEPT + 6)] == [False, True, True]


@pytest.mark.parametrize("spoilt", [[1], [["a"]], [["a", "b"]], 7])
def test_a_past_that_cannot_be_read_is_left_out(spoilt: object, caplog: pytest.LogCaptureFixture) -> None:
    keeper = MemoryStateKeeper()
    keeper.save("outbox", {"messages": [write_message(message(2))], "ended": spoilt})
    outbox = Outbox(keeper)
    assert [left.event.id for left in outbox.left_over] == [2]
    assert not outbox.knows(message(1))
    assert "cannot be read" in caplog.text


async def test_saving_takes_a_small_share_of_the_time() -> None:
    saved_at: list[float] = []
    clock = 0.0

    class SlowKeeper(MemoryStateKeeper):
        def save(self, name: str, document: dict[str, object]) -> None:
            nonlocal clock
            clock += 0.005
            saved_at.append(asyncio.get_running_loop().time())

    outbox = Outbox(SlowKeeper(), lambda: clock)
    task = asyncio.create_task(outbox.run())
    for number in range(200):
        outbox.add(message(number))
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(saved_at) >= 3
    assert all(later - before >= 0.049 for before, later in pairwise(saved_at[:-1]))
