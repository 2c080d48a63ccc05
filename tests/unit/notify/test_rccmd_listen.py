import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fakes.events import message
from fakes.tls import Authority
from webmanager.domain.errors import ConfigError, DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.notify.message import Device
from webmanager.notify.rccmd import RccmdNotifier
from webmanager.notify.rccmd_listen import RccmdListener
from webmanager.notify.rccmd_sentence import PREFIX, receipt
from webmanager.settings.destinations_model import RccmdReceiver
from webmanager.settings.rccmd_model import RccmdListenSettings

POWERFAIL = f"{PREFIX}MSG_TEXT Powerfail on SLC (5): Autonomietime 10.00 min."
RESTORED = f"{PREFIX}MSG_TEXT Powerfail on SLC (5): restored."
NOTE = "import json, os, sys; open(sys.argv[1], 'a').write(json.dumps([sys.argv[2:], sorted(os.environ)]) + chr(10))"


class Machine:
    """A computer with a listener; its programs write down how they were called."""

    def __init__(self, directory: Path) -> None:
        self._log = directory / "calls"

    def program(self, *arguments: str, **parts: object) -> dict[str, object]:
        return {"command": [sys.executable, "-c", NOTE, str(self._log), *arguments], **parts}

    @property
    def calls(self) -> list[list[str]]:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [json.loads(line)[0] for line in lines]

    async def called(self, count: int) -> list[list[str]]:
        await until(lambda: len(self.calls) >= count)
        return self.calls


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@asynccontextmanager
async def listening(**parts: object) -> AsyncIterator[RccmdListener]:
    given = {"bind": "127.0.0.1", "port": 0, "senders": ["127.0.0.0/8"], **parts}
    listener = RccmdListener(RccmdListenSettings.model_validate(given))
    await listener.open()
    try:
        yield listener
    finally:
        await listener.close()


def speaker(port: int, **parts: object) -> RccmdNotifier:
    given = {"name": "s", "port": port, "receivers": "127.0.0.1", "ups_model": "SLC", "ups_id": "5", **parts}
    return RccmdNotifier(RccmdReceiver.model_validate(given), lambda: Device("Cellar"))


async def test_a_power_failure_runs_what_the_file_names_and_nothing_of_the_wire(machine: Machine) -> None:
    async with listening(powerfail=machine.program("going", "down")) as listener:
        proof = await speaker(listener.tcp_port, transport="tcp").send(message(verb=Verb.SHUTDOWN, remaining_s=600.0))
        assert proof == receipt(POWERFAIL)
        assert await machine.called(1) == [["going", "down"]]


async def test_over_udp_and_with_newlines_behind_it(machine: Machine) -> None:
    async with listening(powerfail=machine.program("udp")) as listener:
        await speaker(listener.udp_port).send(message(verb=Verb.SHUTDOWN, remaining_s=600.0))
        assert await machine.called(1) == [["udp"]]
    async with listening(powerfail=machine.program("newlines")) as listener:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", listener.udp_port)
        )
        transport.sendto(POWERFAIL.encode() + b"\n\n")
        assert (await machine.called(2))[1] == ["newlines"]
        transport.close()


async def test_over_tls(machine: Machine, authority: Authority) -> None:
    files = {"certificate": str(authority.certificate), "key": str(authority.key)}
    async with listening(powerfail=machine.program("tls"), **files) as listener:
        one = speaker(listener.tcp_port, transport="tls", ca_file=str(authority.ca_file))
        assert await one.send(message(verb=Verb.SHUTDOWN, remaining_s=600.0)) == receipt(POWERFAIL)
        assert await machine.called(1) == [["tls"]]


async def test_a_stranger_gets_no_answer_and_moves_nothing(machine: Machine) -> None:
    async with listening(senders=["192.0.2.0/24", "127.0.0.9"], powerfail=machine.program("never")) as listener:
        with pytest.raises(DeliveryError):
            await speaker(listener.tcp_port, transport="tcp").send(message(verb=Verb.SHUTDOWN))
        await speaker(listener.udp_port).send(message(verb=Verb.SHUTDOWN))
        await until(lambda: listener.strangers == 2)
        assert listener.hear(POWERFAIL, "198.51.100.7") == ""
        assert listener.acted == 0
        assert listener.hear(POWERFAIL, "::ffff:192.0.2.7").startswith("RCCMD OK")
    assert machine.calls == []


async def test_only_commands_of_its_own_file_can_be_called(machine: Machine) -> None:
    async with listening(commands={"stop-backup": machine.program("stop")}) as listener:
        one = speaker(listener.tcp_port, transport="tcp")
        await one.send(message(1, verb=Verb.EXECUTE, argument="stop-backup"))
        assert await machine.called(1) == [["stop"]]
        with pytest.raises(RefusedError, match="this command is not configured"):
            await one.send(message(2, verb=Verb.EXECUTE, argument="reboot"))
        with pytest.raises(RefusedError, match="nothing is configured for a power failure"):
            await one.send(message(3, verb=Verb.SHUTDOWN))
        assert (listener.acted, listener.refused) == (1, 2)


@pytest.mark.parametrize(
    "line",
    [
        f"{PREFIX}MSG_COMMAND stop;reboot",
        f"{PREFIX}MSG_COMMAND ../../bin/sh",
        f"{PREFIX}MSG_EXECUTE /bin/sh -c reboot",
        f"{PREFIX}SHUTDOWN",
        "\x00" * 100,
        "GET / HTTP/1.0",
    ],
)
async def test_what_is_no_sentence_is_refused_and_counted(line: str, machine: Machine) -> None:
    async with listening(commands={"stop": machine.program("stop")}, powerfail=machine.program("down")) as listener:
        assert listener.hear(line, "127.0.0.1") == "RCCMD REFUSED this is no sentence of RCCMD"
        assert (listener.unknown, listener.acted) == (1, 0)


async def test_a_message_is_logged_and_its_text_reaches_no_program(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with listening(message=machine.program("note")) as listener:
        await speaker(listener.tcp_port, transport="tcp").send(message(text="$(touch /tmp/x); `id` | rm"))
        assert await machine.called(1) == [["note"]]
    assert "$(touch" in caplog.text


async def test_without_a_program_a_message_is_taken_all_the_same() -> None:
    async with listening() as listener:
        assert await speaker(listener.tcp_port, transport="tcp").send(message())
        assert listener.acted == 0


async def test_only_below_so_many_minutes_and_only_from_this_ups(machine: Machine) -> None:
    async with listening(powerfail=machine.program("down", minutes_below=5, ups="SLC (5)")) as listener:
        for line in (
            POWERFAIL,
            POWERFAIL.replace("10.00", "6.00"),
            POWERFAIL.replace("10.00", "1.00").replace("(5)", "(6)"),
        ):
            assert listener.hear(line, "127.0.0.1").startswith("RCCMD OK")
        assert listener.acted == 0
        listener.hear(POWERFAIL.replace("10.00", "5.00"), "127.0.0.1")
        assert await machine.called(1) == [["down"]]


async def test_mains_back_in_time_withdraws_the_shutdown(machine: Machine) -> None:
    parts = {"powerfail": machine.program("down", after_s=3600.0), "restored": machine.program("back")}
    async with listening(**parts) as listener:
        listener.hear(POWERFAIL, "127.0.0.1")
        listener.hear(RESTORED, "127.0.0.1")
        assert await machine.called(1) == [["back"]]
        assert listener._tasks["powerfail"].cancelled()


async def test_a_shutdown_under_way_is_not_called_off(machine: Machine) -> None:
    slow = {"command": [sys.executable, "-c", "import time; time.sleep(60)"], "timeout_s": 60.0}
    async with listening(powerfail=slow) as listener:
        listener.hear(POWERFAIL, "127.0.0.1")
        await until(lambda: not listener._waiting)
        listener.hear(RESTORED, "127.0.0.1")
        await asyncio.sleep(0)
        assert not listener._tasks["powerfail"].done()


async def test_a_repetition_whose_answer_was_lost_is_answered_and_not_done_twice(machine: Machine) -> None:
    line = f"{PREFIX}MSG_COMMAND once"
    async with listening(commands={"once": machine.program("once")}) as listener:
        assert listener.hear(line, "127.0.0.1") == listener.hear(line, "127.0.0.1") == receipt(line)
        await until(lambda: listener._tasks["command once"].done())
        assert (listener.acted, machine.calls) == (1, [["once"]])
        listener.hear(line, "127.0.0.2")
        assert len(await machine.called(2)) == 2


async def test_a_program_that_does_not_end_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    hang = {"command": [sys.executable, "-c", "import time; time.sleep(600)"], "timeout_s": 1.0}
    async with listening(powerfail=hang) as listener:
        listener.hear(POWERFAIL, "127.0.0.1")
        await until(lambda: listener._tasks["powerfail"].done())
    assert "without an end of its own" in caplog.text


async def test_a_program_that_is_not_there_is_an_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(powerfail={"command": ["/nowhere/shutdown"]}) as listener:
        assert listener.hear(POWERFAIL, "127.0.0.1").startswith("RCCMD OK")
        await until(lambda: listener._tasks["powerfail"].done())
    assert "/nowhere/shutdown cannot be run" in caplog.text


async def test_an_endless_line_ends_the_conversation() -> None:
    async with listening() as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.tcp_port)
        writer.write(b"x" * 100_000)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        assert listener.unknown == 0


async def test_a_port_in_use_is_named() -> None:
    async with listening() as listener:
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{listener.tcp_port}"):
            async with listening(port=listener.tcp_port):
                pass


async def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(ConfigError, match="certificate and key cannot be used"):
        async with listening(certificate=str(tmp_path / "x"), key=str(tmp_path / "x")):
            pass


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"senders": []}, "at least 1"),
        ({"senders": ["everybody"]}, "does not appear to be an IPv4 or IPv6 network"),
        ({"certificate": "a"}, "belong together"),
        ({"udp": False, "tcp": False}, "neither udp nor tcp"),
        ({"powerfail": {"command": ["shutdown"]}}, "absolute path"),
        ({"commands": {"x": {"command": ["/bin/x", "a\0b"]}}}, "NUL"),
    ],
)
def test_a_file_that_cannot_be(parts: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RccmdListenSettings.model_validate({"senders": ["127.0.0.1"], **parts})
