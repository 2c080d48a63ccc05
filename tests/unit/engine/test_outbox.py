import asyncio

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
    assert keeper.documents["outbox"] == {"messages": []}


def test_the_document_is_plain() -> None:
    assert read_message(dict(write_message(message()))) == message()
