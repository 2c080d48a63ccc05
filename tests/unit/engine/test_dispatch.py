import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from fakes.events import FakeNotifier, event, message
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.events import Delivery
from webmanager.engine import dispatch
from webmanager.engine.clock import ManualClock
from webmanager.engine.dispatch import REMEMBERED_KEYS, Destination, Dispatcher, Policy
from webmanager.engine.notify_ports import Message
from webmanager.engine.outbox import Outbox


class HostTime:
    """Host time that moves when somebody pauses."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds
        await asyncio.sleep(0)


class Post:
    """A dispatcher, its reports, and a way to wait for what must come."""

    def __init__(self, *destinations: Destination, keeper: MemoryStateKeeper | None = None) -> None:
        self.time = HostTime()
        self.reports: list[Delivery] = []
        self.outbox = Outbox(keeper)
        self.dispatcher = Dispatcher(
            destinations,
            self.reports.append,
            ManualClock(),
            self.outbox,
            monotonic=self.time.monotonic,
            sleep=self.time.sleep,
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.001)

    async def reported(self, count: int) -> list[Delivery]:
        await self.until(lambda: len(self.reports) >= count)
        return self.reports


@asynccontextmanager
async def running(*destinations: Destination, keeper: MemoryStateKeeper | None = None) -> AsyncIterator[Post]:
    post = Post(*destinations, keeper=keeper)
    task = asyncio.create_task(post.dispatcher.run())
    try:
        yield post
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def mail(notifier: FakeNotifier, **policy: float) -> Destination:
    return Destination("mail", notifier, Policy(**policy))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def short_parting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "PARTING_S", 0.05)


async def test_a_delivery_carries_the_receivers_own_words() -> None:
    async with running(mail(FakeNotifier("250 queued as 4711"))) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert (report.event, report.job, report.target) == (1, "job", "mail")
    assert (report.result, report.proof, report.attempts) == ("delivered", "250 queued as 4711", 1)
    assert len(post.outbox) == 0


async def test_pauses_grow_up_to_a_limit_and_end() -> None:
    dead = FakeNotifier(*[DeliveryError("connection refused")] * 6)
    async with running(mail(dead, attempts=6, first_pause_s=2.0, longest_pause_s=20.0)) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert post.time.pauses == [2.0, 4.0, 8.0, 16.0, 20.0]
    assert (report.result, report.proof, report.attempts) == ("failed", "connection refused", 6)
    counters = post.dispatcher.counters["mail"]
    assert (counters.failed, counters.retries, counters.failing) == (1, 5, True)


async def test_a_receiver_that_comes_back_gets_the_message_once() -> None:
    back = FakeNotifier(DeliveryError("down"), DeliveryError("down"))
    async with running(mail(back)) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert (report.result, report.attempts, len(back.sent)) == ("delivered", 3, 1)
    assert not post.dispatcher.counters["mail"].failing


async def test_a_refusal_is_final() -> None:
    async with running(mail(FakeNotifier(RefusedError("550 no such user")))) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert (report.result, report.attempts, post.time.pauses) == ("failed", 1, [])
    assert post.dispatcher.counters["mail"].refused == 1


async def test_a_receiver_that_hangs_is_left_after_its_timeout() -> None:
    async with running(mail(FakeNotifier("hang"), timeout_s=0.02, attempts=2)) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert (report.result, report.attempts) == ("delivered", 2)
    assert post.dispatcher.counters["mail"].last_error == "no answer within 0.02 s"


async def test_a_fault_in_a_channel_is_a_failed_delivery_and_no_dead_task() -> None:
    async with running(mail(FakeNotifier(ZeroDivisionError("oops")), attempts=1)) as post:
        post.dispatcher.submit(message(1))
        post.dispatcher.submit(message(2))
        reports = await post.reported(2)
    assert [(report.result, report.proof) for report in reports] == [
        ("failed", "ZeroDivisionError: oops"),
        ("delivered", "250 accepted"),
    ]


async def test_a_message_that_waited_too_long_expires() -> None:
    dead = FakeNotifier(*[DeliveryError("down")] * 99)
    async with running(mail(dead, attempts=99, expiry_s=10.0)) as post:
        post.dispatcher.submit(message())
        (report,) = await post.reported(1)
    assert report.proof == "expired after 10 s: down"
    assert post.time.pauses == [2.0, 4.0, 4.0]
    assert post.dispatcher.counters["mail"].expired == 1


async def test_a_dead_receiver_delays_nobody_else() -> None:
    hanging, second = FakeNotifier(*["hang"] * 9), FakeNotifier()
    async with running(mail(hanging, timeout_s=60.0), Destination("trap", second)) as post:
        for number in range(50):
            post.dispatcher.submit(message(number))
            post.dispatcher.submit(message(number, "trap"))
        await post.reported(50)
        assert {report.target for report in post.reports} == {"trap"}
        assert hanging.tries == 1


async def test_the_queue_is_bounded_and_the_oldest_is_dropped_and_counted() -> None:
    async with running(mail(FakeNotifier("hang"), queue=5, timeout_s=60.0)) as post:
        post.dispatcher.submit(message(0))
        await post.until(lambda: post.dispatcher.counters["mail"].waiting == 0)
        for number in range(1, 10_001):
            post.dispatcher.submit(message(number))
        counters = post.dispatcher.counters["mail"]
        assert (counters.waiting, counters.dropped) == (5, 9_995)
        assert len(post.outbox) == 6
        assert [report.event for report in post.reports[:2]] == [1, 2]
        assert post.reports[0].proof == "dropped: 5 messages were waiting"
        assert len(post.dispatcher._seen) <= REMEMBERED_KEYS


async def test_a_duplicate_is_left_out_and_counted() -> None:
    post = Post(mail(receiver := FakeNotifier()))
    post.dispatcher.submit(message())
    post.dispatcher.submit(message())
    task = asyncio.create_task(post.dispatcher.run())
    await post.reported(1)
    post.dispatcher.submit(message())
    task.cancel()
    assert len(receiver.sent) == 1
    assert post.dispatcher.counters["mail"].duplicates == 2


async def test_many_waiting_messages_become_one_and_each_event_is_reported() -> None:
    receiver = FakeNotifier()
    post = Post(mail(receiver, digest_from=3))
    for number in range(1, 6):
        post.dispatcher.submit(message(number))
    post.dispatcher.submit(message(6, job="other"))
    task = asyncio.create_task(post.dispatcher.run())
    reports = await post.reported(6)
    task.cancel()
    assert [len(sent.events) for sent in receiver.sent] == [5, 1]
    assert sorted(report.event for report in reports) == [1, 2, 3, 4, 5, 6]
    assert len(post.outbox) == 0


async def test_a_digest_lives_as_long_as_its_newest_part() -> None:
    receiver = FakeNotifier(*[DeliveryError("down")] * 2)
    post = Post(mail(receiver, digest_from=2, expiry_s=10.0))
    post.dispatcher.submit(message(1))
    post.time.now_s = 9.0
    post.dispatcher.submit(message(2))
    task = asyncio.create_task(post.dispatcher.run())
    reports = await post.reported(2)
    task.cancel()
    assert [(report.result, report.attempts) for report in reports] == [("delivered", 3)] * 2
    assert post.time.pauses == [2.0, 4.0]


async def test_two_messages_are_no_crowd() -> None:
    receiver = FakeNotifier()
    post = Post(mail(receiver, digest_from=3))
    post.dispatcher.submit(message(1))
    post.dispatcher.submit(message(2))
    task = asyncio.create_task(post.dispatcher.run())
    await post.reported(2)
    task.cancel()
    assert [len(sent.events) for sent in receiver.sent] == [1, 1]


async def test_a_receiver_nobody_knows_is_a_failed_delivery() -> None:
    post = Post()
    post.dispatcher.submit(message(target="nobody"))
    assert post.reports[0].proof == "there is no receiver called 'nobody'"
    assert (await post.dispatcher.deliver_now(message(target="nobody"))).result == "failed"


async def test_a_test_by_hand_goes_past_the_queue_and_is_tried_once() -> None:
    receiver = FakeNotifier(DeliveryError("down"), "250 fine")
    post = Post(mail(receiver))
    assert (await post.dispatcher.deliver_now(message())).result == "failed"
    assert (await post.dispatcher.deliver_now(message())).proof == "250 fine"
    assert [report.result for report in post.reports] == ["failed", "delivered"]


async def test_what_was_waiting_at_the_end_is_delivered_after_the_restart_and_nothing_twice() -> None:
    keeper = MemoryStateKeeper()
    first = FakeNotifier("250 ok", "hang")
    async with running(mail(first, timeout_s=60.0), keeper=keeper) as post:
        for number in range(1, 5):
            post.dispatcher.submit(message(number))
        await post.until(lambda: first.tries == 2)
    second = FakeNotifier()
    async with running(mail(second), keeper=keeper) as post:
        reports = await post.reported(3)
    assert [sent.event.id for sent in first.sent] == [1]
    assert [sent.event.id for sent in second.sent] == [2, 3, 4]
    assert second.sent[0].events[0] == event(2)
    assert [report.result for report in reports] == ["delivered"] * 3
    assert keeper.documents["outbox"]["messages"] == []


def test_pauses_never_overflow() -> None:
    assert Policy().pause_s(10_000) == 300.0


async def test_a_new_receiver_is_served_and_one_that_stays_keeps_its_queue() -> None:
    mail, pager = FakeNotifier("hang"), FakeNotifier()
    async with running(Destination("mail", mail)) as post:
        post.dispatcher.submit(message(1))
        post.dispatcher.submit(message(2))
        await post.until(lambda: mail.tries == 1)
        post.dispatcher.configure([Destination("mail", mail), Destination("pager", pager)])
        post.dispatcher.submit(message(3, "pager"))
        reports = await post.reported(1)
        assert [(report.event, report.target, report.result) for report in reports] == [(3, "pager", "delivered")]
        assert post.dispatcher.counters["mail"].waiting == 1


async def test_what_waits_for_a_receiver_that_is_removed_has_failed() -> None:
    mail = FakeNotifier("hang")
    async with running(Destination("mail", mail)) as post:
        post.dispatcher.submit(message(1))
        post.dispatcher.submit(message(2))
        await post.until(lambda: mail.tries == 1)
        post.dispatcher.configure([])
        reports = await post.reported(2)
        assert {(report.event, report.result) for report in reports} == {(1, "failed"), (2, "failed")}
        assert "was removed" in reports[0].proof
        assert len(post.outbox) == 0


async def test_other_settings_of_a_receiver_hold_from_the_next_try_on() -> None:
    old, new = FakeNotifier(DeliveryError("no such host")), FakeNotifier()
    async with running(Destination("mail", old, Policy(attempts=2))) as post:
        old.on_send = lambda: post.dispatcher.configure([Destination("mail", new, Policy(attempts=2))])
        post.dispatcher.submit(message(1))
        (report,) = await post.reported(1)
        assert (report.result, report.attempts, len(new.sent)) == ("delivered", 2, 1)


async def test_an_event_that_is_handed_on_again_after_a_restart_is_told_only_to_whom_it_was_not() -> None:
    keeper = MemoryStateKeeper()
    post_box, hanging = FakeNotifier(), FakeNotifier("hang")
    async with running(Destination("mail", post_box), Destination("pager", hanging), keeper=keeper) as post:
        for target in ("mail", "pager"):
            post.dispatcher.submit(message(1, target))
        await post.reported(1)
    again, pager = FakeNotifier(), FakeNotifier()
    async with running(Destination("mail", again), Destination("pager", pager), keeper=keeper) as post:
        for target in ("mail", "pager"):
            post.dispatcher.submit(message(1, target))
            post.dispatcher.submit(message(2, target))
        await post.reported(3)
    assert [sent.event.id for sent in again.sent] == [2]
    assert [sent.event.id for sent in pager.sent] == [1, 2]


@pytest.mark.parametrize("outcome", ["250 fine", DeliveryError("too late")], ids=["delivered", "failed"])
async def test_a_cancellation_that_a_channel_swallows_still_ends_its_lane(outcome: str | DeliveryError) -> None:
    class Swallowing(FakeNotifier):
        async def send(self, message: Message) -> str:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return await super().send(message)
            return ""

    async with asyncio.timeout(5.0):
        async with running(mail(Swallowing(outcome), attempts=3)) as post:
            post.dispatcher.submit(message(1))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert len(post.reports) == (1 if outcome == "250 fine" else 0)


class Slow:
    """A receiver that has the message at once and says so when it is let."""

    def __init__(self, answer: str | DeliveryError = "250 at last") -> None:
        self.has_it, self.answers = asyncio.Event(), asyncio.Event()
        self.answer, self.tries = answer, 0

    async def send(self, message: Message) -> str:
        self.tries += 1
        self.has_it.set()
        await self.answers.wait()
        if isinstance(self.answer, DeliveryError):
            raise self.answer
        return self.answer


async def test_a_receiver_about_to_answer_is_waited_for_when_the_device_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was told is known as told: after the restart nobody hears it again."""
    monkeypatch.setattr(dispatch, "PARTING_S", 20.0)
    keeper, slow = MemoryStateKeeper(), Slow()
    post = Post(mail(slow), keeper=keeper)  # type: ignore[arg-type]
    task = asyncio.create_task(post.dispatcher.run())
    post.dispatcher.submit(message())
    await slow.has_it.wait()
    task.cancel()
    await asyncio.sleep(0)
    slow.answers.set()
    await asyncio.gather(task, return_exceptions=True)
    assert [report.proof for report in post.reports] == ["250 at last"]
    assert Outbox(keeper).left_over == ()


async def test_a_receiver_that_hangs_does_not_hold_up_the_end_and_is_told_after_the_restart() -> None:
    keeper, slow = MemoryStateKeeper(), Slow()
    async with running(mail(slow), keeper=keeper) as post:  # type: ignore[arg-type]
        post.dispatcher.submit(message())
        await slow.has_it.wait()
    assert post.reports == []
    assert len(Outbox(keeper).left_over) == 1


async def test_a_failed_try_at_the_end_is_neither_repeated_nor_forgotten() -> None:
    keeper, slow = MemoryStateKeeper(), Slow(DeliveryError("no route"))
    async with running(mail(slow), keeper=keeper) as post:  # type: ignore[arg-type]
        post.dispatcher.submit(message())
        await slow.has_it.wait()
        slow.answers.set()
    assert slow.tries == 1
    assert post.reports == []
    assert len(Outbox(keeper).left_over) == 1
