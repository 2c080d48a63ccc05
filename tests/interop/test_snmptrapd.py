"""Net-SNMP's snmptrapd takes our traps and informs in every version."""

import asyncio
import socket
from pathlib import Path

import pytest

from fakes.events import cleared, event, message
from fakes.snmp import IDENTITY
from fakes.snmptrapd import TrapDaemon, trap_daemon
from webmanager.domain.errors import DeliveryError
from webmanager.domain.jobs import Power
from webmanager.engine.notify_ports import Message
from webmanager.settings.destinations_model import TrapReceiver
from webmanager.snmp import traps
from webmanager.snmp.traps import TrapNotifier

pytestmark = pytest.mark.tool("snmptrapd")
UPS = ".1.3.6.1.2.1.33"
SENDER = {"version": "3", "user": "sender", "auth_key": "authauth", "priv_key": "privpriv"}
INFORMER = {**SENDER, "user": "informer", "inform": True}
TEXT = '"Battery S3-17: 14.52 V is above 14.40 V."'


def notifier(port: int, **parts: object) -> TrapNotifier:
    given = {"name": "nms", "host": "127.0.0.1", "port": port, "timeout_s": 5.0, **parts}
    return TrapNotifier(
        TrapReceiver.model_validate(given), IDENTITY, lambda: 12.5, lambda: Power(61.0, 599.0), lambda: 3
    )


async def told(daemon: TrapDaemon, *messages: Message, **parts: object) -> tuple[list[str], list[str]]:
    """Proofs, and what arrived."""
    one = notifier(daemon.port, **parts)
    await one.open()
    try:
        proofs = [await one.send(each) for each in messages]
        return proofs, await daemon.got(len(messages))
    finally:
        one.close()


@pytest.mark.parametrize("who", [{"version": "2c"}, SENDER], ids=["v2c", "v3"])
async def test_a_trap_says_all_it_knows(who: dict[str, object], tmp_path: Path) -> None:
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        proofs, lines = await told(daemon, message(), **who)
    assert proofs == [f"trap sent to 127.0.0.1:{daemon.port}, which knows no answer"]
    assert len(lines) == 1
    assert f"= OID: {UPS}.5.3.0.1" in lines[0]
    assert "= Timeticks: (1250)" in lines[0]
    assert f'{UPS}.5.3.1.2.0 = STRING: "voltage_high"' in lines[0]
    assert f"{UPS}.5.3.1.3.0 = INTEGER: 3" in lines[0]
    assert f'{UPS}.5.3.1.5.0 = STRING: "14.52 V"' in lines[0]
    assert f"{UPS}.5.3.1.6.0 = STRING: {TEXT}" in lines[0]


@pytest.mark.parametrize("who", [{"version": "2c", "inform": True}, INFORMER], ids=["v2c", "v3"])
async def test_an_inform_is_proven_by_its_acknowledgement(who: dict[str, object], tmp_path: Path) -> None:
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        proofs, lines = await told(daemon, message(), message(2, events=(cleared(event()),)), **who)
    assert all(proof.startswith("inform acknowledged after ") for proof in proofs)
    assert all(proof.endswith(f" ms by 127.0.0.1:{daemon.port}") for proof in proofs)
    assert [f"= OID: {UPS}.5.3.0.{number}" in line for number, line in enumerate(lines, 1)] == [True, True]


async def test_in_version_1_enterprise_and_number_are_as_they_were_published(tmp_path: Path) -> None:
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        _, ours = await told(daemon, message(), version="1")
    assert ours[0].startswith(f"v1|{UPS}.5.3|6.1|127.0.0.1|{UPS}.5.3.1.1.0 = INTEGER: 1")
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        _, theirs = await told(daemon, message(), message(2, events=(cleared(event()),)), version="1", mib="ups")
    alarm = f"{UPS}.1.6.2.1.1.7 = INTEGER: 7\t{UPS}.1.6.2.1.2.7 = OID: {UPS}.1.6.3.174"
    assert theirs == [f"v1|{UPS}.2|6.3|127.0.0.1|{alarm}", f"v1|{UPS}.2|6.4|127.0.0.1|{alarm}"]


async def test_on_battery_is_the_trap_of_the_ups_mib(tmp_path: Path) -> None:
    on_battery = event(kind="on_battery")
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        one = notifier(daemon.port, mib="ups")
        await one.send(message(events=(on_battery,)))
        assert "has no trap" in await one.send(message(2, events=(cleared(on_battery),)))
        lines = await daemon.got(1)
        one.close()
    assert (
        f"= OID: {UPS}.2.1\t{UPS}.1.2.3.0 = INTEGER: 9\t{UPS}.1.2.2.0 = INTEGER: 61\t{UPS}.1.9.7.0 = INTEGER: 3"
        in lines[0]
    )


async def test_one_kind_of_the_ups_mib_keeps_its_distance_and_ours_need_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traps, "SAME_KIND_S", 0.3)
    loop = asyncio.get_running_loop()
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        one = notifier(daemon.port, mib="ups")
        await one.send(message(1))
        started_s = loop.time()
        await one.send(message(2, events=(cleared(event()),)))
        other_kind_s = loop.time() - started_s
        await one.send(message(3, events=(event(3, alarm=8),)))
        same_kind_s = loop.time() - started_s
        one.close()
        await daemon.got(3)
    assert other_kind_s < 0.25 <= same_kind_s


async def test_nobody_acknowledges_and_that_is_a_failed_try() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        one = notifier(deaf.getsockname()[1], version="2c", inform=True, timeout_s=1.0)
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1: No SNMP response received before timeout"):
            await one.send(message())
        one.close()


async def test_a_wrong_key_is_never_acknowledged(tmp_path: Path) -> None:
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        one = notifier(daemon.port, **{**INFORMER, "auth_key": "wrongwrong", "timeout_s": 1.0})
        with pytest.raises(DeliveryError, match=r"127\.0\.0\.1"):
            await one.send(message())
        one.close()
        assert len(daemon.lines) == 1


async def test_two_receivers_with_different_users_never_mix(tmp_path: Path) -> None:
    async with trap_daemon(tmp_path, IDENTITY.engine_id) as daemon:
        both = [notifier(daemon.port, **SENDER), notifier(daemon.port, version="2c")]
        for one in both:
            await one.send(message())
        lines = await daemon.got(2)
        for one in both:
            one.close()
        await asyncio.sleep(0.05)
        assert len(daemon.lines) == 3
    assert sorted(line.split("|")[1].split(",")[0] for line in lines) == ["TRAP2", "TRAP2"]


async def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> list[object]:
        raise OSError("Name or service not known")

    one = TrapNotifier(TrapReceiver(name="nms", host="nowhere.invalid"), IDENTITY, lambda: 0.0)
    await one.open()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(DeliveryError, match="Name or service not known"):
        await one.send(message())
    one.close()
