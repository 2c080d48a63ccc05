import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fakes.events import message
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.notify import modem_link
from webmanager.notify.message import Device
from webmanager.notify.sms import SmsNotifier
from webmanager.room.modem import Modem, ModemPort
from webmanager.room.sms_submit import SentText
from webmanager.room.wire import PseudoPort
from webmanager.settings.destinations_model import SmsReceiver

TEXT = "Cellar: ALARM: Battery S3-17: 14.52 V is above 14.40 V."


@asynccontextmanager
async def plugged(link: Path, modem: Modem) -> AsyncIterator[ModemPort]:
    port = ModemPort(PseudoPort(link), modem)
    port.plug()
    try:
        yield port
    finally:
        port.unplug()


def notifier(link: Path, *numbers: str, pin: str = "") -> SmsNotifier:
    settings = SmsReceiver.model_validate({"name": "sms", "port": str(link), "to": numbers or ("+491701",), "pin": pin})
    return SmsNotifier(settings, lambda: Device("Cellar"))


async def test_the_reference_of_the_network_is_the_proof(tmp_path: Path) -> None:
    modem = Modem()
    async with plugged(tmp_path / "modem", modem):
        assert await notifier(tmp_path / "modem").send(message()) == "+CMGS: 1"
    assert modem.sent == [SentText("+491701", TEXT)]


async def test_each_number_and_each_part_has_its_reference(tmp_path: Path) -> None:
    modem = Modem()
    async with plugged(tmp_path / "modem", modem):
        proof = await notifier(tmp_path / "modem", "+491701", "0170").send(message(text="x" * 200))
    assert proof == "+491701 part 1/2: +CMGS: 1; +491701 part 2/2: +CMGS: 2; 0170 part 1/2: +CMGS: 3; " + (
        "0170 part 2/2: +CMGS: 4"
    )
    assert [(sent.number, sent.part and sent.part[1:]) for sent in modem.sent] == [
        ("+491701", (2, 1)),
        ("+491701", (2, 2)),
        ("0170", (2, 1)),
        ("0170", (2, 2)),
    ]
    assert len({sent.part and sent.part[0] for sent in modem.sent}) == 1


async def test_a_retry_sends_only_what_is_missing(tmp_path: Path) -> None:
    modem = Modem(errors=["+CMS ERROR: 332"])
    async with plugged(tmp_path / "modem", modem):
        one = notifier(tmp_path / "modem", "+491701", "+491702")
        with pytest.raises(DeliveryError, match=r"\+491701: \+CMS ERROR: 332: the network does not answer; delivered"):
            await one.send(message())
        await one.send(message())
    assert [sent.number for sent in modem.sent] == ["+491702", "+491701"]


async def test_a_number_that_does_not_exist_is_final(tmp_path: Path) -> None:
    modem = Modem(errors=["+CMS ERROR: 1"])
    async with plugged(tmp_path / "modem", modem):
        with pytest.raises(RefusedError, match="the number does not exist"):
            await notifier(tmp_path / "modem").send(message())


async def test_the_card_is_unlocked_once(tmp_path: Path) -> None:
    modem = Modem(pin="1234")
    async with plugged(tmp_path / "modem", modem):
        one = notifier(tmp_path / "modem", pin="1234")
        await one.send(message(1))
        await one.send(message(2))
    assert (modem.pin_tries, len(modem.sent)) == (0, 2)


async def test_a_wrong_pin_is_never_tried_again(tmp_path: Path) -> None:
    modem = Modem(pin="1234")
    async with plugged(tmp_path / "modem", modem):
        one = notifier(tmp_path / "modem", pin="9999")
        for _ in range(5):
            with pytest.raises(RefusedError, match="PIN was refused"):
                await one.send(message())
    assert modem.pin_tries == 1


@pytest.mark.parametrize(("tries", "words"), [(0, "none is set"), (3, "SIM PUK")])
async def test_a_card_that_cannot_be_used_is_named(tmp_path: Path, tries: int, words: str) -> None:
    modem = Modem(pin="1234", pin_tries=tries)
    async with plugged(tmp_path / "modem", modem):
        with pytest.raises(RefusedError, match=words):
            await notifier(tmp_path / "modem").send(message())


async def test_without_a_network_it_is_tried_later(tmp_path: Path) -> None:
    modem = Modem(is_registered=False)
    async with plugged(tmp_path / "modem", modem):
        with pytest.raises(DeliveryError, match=r"not in a network \(\+CREG: 0,2\)"):
            await notifier(tmp_path / "modem").send(message())


async def test_what_a_modem_says_of_its_own_accord_is_passed_over(tmp_path: Path) -> None:
    modem = Modem(gossip=b'\r\nRING\r\n\r\n+CMTI: "SM",1\r\n')
    async with plugged(tmp_path / "modem", modem):
        assert await notifier(tmp_path / "modem").send(message()) == "+CMGS: 1"


async def test_a_dead_modem_is_told_apart_from_a_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modem_link, "FIRST_TIMEOUT_S", 0.05)
    async with plugged(tmp_path / "modem", Modem(is_dead=True)):
        with pytest.raises(DeliveryError, match="does not answer to ATE0"):
            await notifier(tmp_path / "modem").send(message())
    with pytest.raises(DeliveryError, match="modem"):
        await notifier(tmp_path / "modem").send(message())


async def test_a_modem_unplugged_in_the_middle_is_a_failed_try(tmp_path: Path) -> None:
    modem = Modem()
    async with plugged(tmp_path / "modem", modem) as port:
        asyncio.get_running_loop().call_later(0.05, port.unplug)
        modem.is_dead = True
        with pytest.raises(DeliveryError, match="modem"):
            await notifier(tmp_path / "modem").send(message())


async def test_a_message_that_looks_like_an_answer_confuses_nobody(tmp_path: Path) -> None:
    modem = Modem()
    async with plugged(tmp_path / "modem", modem):
        assert await notifier(tmp_path / "modem").send(message(text="OK > ERROR +CMGS: 9")) == "+CMGS: 1"
    assert modem.sent[0].text == "OK > ERROR +CMGS: 9"
