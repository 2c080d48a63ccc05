"""The device's clock under its settings: servers in order, retries, steps and slews, and what is said of it."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from fakes.ntp import answer_to, time_server
from webmanager.domain.errors import TimeServerError
from webmanager.engine.clock import ManualClock, WallClock
from webmanager.settings.timeserver_model import TimeserverSettings
from webmanager.timeserver import service as module
from webmanager.timeserver.packet import KissError
from webmanager.timeserver.query import Sample
from webmanager.timeserver.service import ALARM, TimeService, device_clock

TRUE = 1_700_000_000.0


class Stand:
    """A service on a host whose clocks the test moves; `says` is what each server answers: an offset or an error."""

    def __init__(self, clock: Any = None, **settings: Any) -> None:
        self.host_s = 1000.0
        self.settings = TimeserverSettings(**{"source": "ntp", "server_1": "one", "retries": 0} | settings)
        begins = 0.0 if self.settings.source == "none" else None
        self.clock = clock or WallClock(begins, host_now=self.host_now, host_monotonic=lambda: self.host_s)
        self.says: dict[str, float | TimeServerError | Callable[[], float]] = {}
        self.asked: list[str] = []
        self.reports: list[tuple[str, float, str]] = []
        self.notes: list[str] = []
        self.service = TimeService(
            self.settings,
            self.clock,
            report=lambda *report: self.reports.append(report),
            note=lambda kind, text: self.notes.append(text),
            ask_server=self.ask,
            host_s=lambda: self.host_s,
        )

    def host_now(self) -> float:
        return TRUE + self.host_s

    async def ask(self, server: str, now: Callable[[], float], *, port: int) -> Sample:
        self.asked.append(server)
        said = self.says.get(server, TimeServerError("no answer within 2 s"))
        if isinstance(said, TimeServerError):
            raise said
        return Sample(said() if callable(said) else said, 0.01, 2)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_PAUSE_S", 0.0)


async def test_servers_are_asked_in_their_order_until_one_answers() -> None:
    stand = Stand(server_2="two", server_3="three")
    stand.says = {"two": 0.2, "three": 0.3}
    assert await stand.service.poll()
    assert stand.asked == ["one", "two"]
    one, two, three = stand.service.status().servers
    assert (one.asked, one.answered, one.error) == (1, 0, "no answer within 2 s")
    assert (two.asked, two.answered, two.offset_s, two.delay_s, two.stratum, two.error) == (1, 1, 0.2, 0.01, 2, "")
    assert (three.asked, three.offset_s) == (0, None)


async def test_a_silent_server_is_asked_again_as_often_as_the_settings_say() -> None:
    stand = Stand(server_2="two", retries=3)
    stand.says = {"two": 0.0}
    assert await stand.service.poll()
    assert stand.asked == ["one"] * 4 + ["two"]


async def test_a_large_difference_is_a_step_and_is_noted() -> None:
    stand = Stand()
    stand.says = {"one": 90.0}
    await stand.service.poll()
    assert stand.clock.now() == stand.host_now() + 90.0
    assert stand.notes == ["The clock was set on by 90.0 s, as one says."]
    assert (stand.service.steps, stand.service.slews) == (1, 0)


async def test_a_small_difference_is_slewed_in_silence() -> None:
    stand = Stand()
    stand.says = {"one": -0.1}
    await stand.service.poll()
    assert stand.clock.now() == stand.host_now()
    stand.host_s += 1000.0
    assert stand.clock.now() == pytest.approx(stand.host_now() - 0.1)
    assert stand.notes == []
    assert (stand.service.steps, stand.service.slews) == (0, 1)


async def test_a_good_answer_is_trusted_for_three_polls_and_then_no_more() -> None:
    stand = Stand(poll_s=2000)
    stand.says = {"one": 0.0}
    await stand.service.poll()
    stand.host_s += 6000.0
    assert stand.service.status().is_synchronised
    assert stand.service.status().text == "it follows one"
    stand.host_s += 1.0
    stand.says = {}
    await stand.service.poll()
    status = stand.service.status()
    assert not status.is_synchronised
    assert status.text == "one: no answer within 2 s"
    assert status.good_at == TRUE + 1000.0


async def test_once_synchronised_a_huge_difference_needs_a_second_answer_that_agrees() -> None:
    stand = Stand()
    stand.says = {"one": 0.0}
    await stand.service.poll()
    stand.says = {"one": 5000.0}
    assert not await stand.service.poll()
    assert stand.clock.now() == stand.host_now()
    stand.says = {"one": 9000.0}
    assert not await stand.service.poll(), "another huge difference agrees with nothing"
    assert await stand.service.poll()
    assert stand.clock.now() == stand.host_now() + 9000.0


async def test_the_first_answer_is_believed_whatever_it_says() -> None:
    stand = Stand(clock=None, source="none")
    assert stand.clock.now() == 0.0
    stand.service.change(TimeserverSettings(source="ntp", server_1="one", retries=0))
    stand.says = {"one": TRUE}
    assert await stand.service.poll()
    assert stand.clock.now() == TRUE


@pytest.mark.parametrize(("code", "rest_s"), [("RATE", 4 * 1024.0), ("DENY", 86_400.0), ("RSTR", 86_400.0)])
async def test_a_server_that_sends_us_away_is_left_alone(code: str, rest_s: float) -> None:
    stand = Stand(retries=5)
    stand.says = {"one": KissError(code)}
    assert not await stand.service.poll()
    assert stand.asked == ["one"]
    stand.host_s += rest_s - 1.0
    await stand.service.poll()
    assert stand.asked == ["one"]
    stand.host_s += 1.0
    await stand.service.poll()
    assert stand.asked == ["one", "one"]


async def test_new_settings_wait_for_nothing_and_an_answer_for_the_old_ones_is_dropped() -> None:
    stand = Stand()

    def change_meanwhile() -> float:
        stand.service.change(TimeserverSettings(source="ntp", server_1="other"))
        return 77.0

    stand.says = {"one": change_meanwhile}
    assert not await stand.service.poll()
    assert stand.clock.now() == stand.host_now()
    assert [one.server for one in stand.service.status().servers] == ["other"]


def test_without_a_source_it_is_1970_and_said_so() -> None:
    stand = Stand(source="none", server_1="0.0.0.0")
    stand.host_s += 5.0
    assert stand.clock.now() == 5.0
    status = stand.service.status()
    assert (status.source, status.is_synchronised) == ("none", False)
    assert "1 January 1970" in status.text


def test_a_source_taken_away_lets_the_clock_run_on_until_the_next_boot() -> None:
    stand = Stand(source="host")
    stand.service.change(TimeserverSettings(source="none"))
    stand.host_s += 5.0
    assert stand.clock.now() == stand.host_now()
    assert not stand.clock.follows_host
    assert device_clock(TimeserverSettings(source="none")).now() < 60.0


def test_back_to_the_host_is_at_once() -> None:
    stand = Stand(source="none", server_1="0.0.0.0")
    stand.service.change(TimeserverSettings(source="host"))
    assert stand.clock.now() == stand.host_now()
    assert stand.service.status().is_synchronised


def test_a_host_that_does_not_know_the_time_is_not_believed() -> None:
    clock = WallClock(host_now=lambda: 3600.0)
    status = TimeService(TimeserverSettings(), clock).status()
    assert (status.is_synchronised, status.text) == (False, "the clock of the computer was never set")


async def test_the_clock_of_a_room_is_never_moved() -> None:
    room = ManualClock()
    stand = Stand(clock=room)
    stand.says = {"one": 90.0}
    assert await stand.service.poll()
    assert room.now() == 1_700_000_000.0
    status = stand.service.status()
    assert (status.source, status.steps, status.offset_s) == ("host", 0, 90.0)
    stand.service.change(TimeserverSettings(source="none"))
    assert stand.service.status().text == "the clock of the simulated room rules"


async def test_it_runs_against_a_real_server_and_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, reports = WallClock(), asyncio.Queue[tuple[str, float, str]]()
    async with time_server(lambda: clock.now() + 3600.0) as server:
        settings = TimeserverSettings(source="ntp", server_1="127.0.0.1", port=server.port)
        service = TimeService(settings, clock, report=lambda *report: reports.put_nowait(report))
        running = asyncio.create_task(service.run())
        assert await asyncio.wait_for(reports.get(), 10) == (ALARM, 0.0, "it follows 127.0.0.1")
        assert service.steps == 1
        assert len(server.requests) == 1

        server.answers = lambda request, at: [answer_to(request, at, at, first=0b11_100_100)]
        service.change(settings.model_copy(update={"retries": 1}))
        assert await asyncio.wait_for(reports.get(), 10) == (ALARM, 0.0, "it follows 127.0.0.1")
        assert len(server.requests) == 3
        assert "not synchronised itself" in service.status().servers[0].error
        service.change(TimeserverSettings(source="none"))
        kind, value, detail = await asyncio.wait_for(reports.get(), 10)
        assert (kind, value) == (ALARM, 1.0)
        assert detail.startswith("no source of time")
        running.cancel()


async def test_while_nothing_has_answered_it_asks_every_64_seconds_then_at_the_poll() -> None:
    stand = Stand(poll_s=3600)
    running = asyncio.create_task(stand.service.run())
    await _until(lambda: len(stand.reports) == 1)
    assert stand.service._next_s == 1064.0
    stand.says = {"one": 0.0}
    stand.host_s = 1064.0
    stand.service._changed.set()
    await _until(lambda: len(stand.reports) == 2)
    assert stand.service._next_s == 1064.0 + 3600.0
    assert [value for _, value, _ in stand.reports] == [1.0, 0.0]
    running.cancel()


def test_a_status_is_a_value() -> None:
    status = Stand().service.status()
    assert dataclasses.asdict(status)["servers"][0]["server"] == "one"


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)
