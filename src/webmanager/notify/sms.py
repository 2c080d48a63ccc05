"""Text messages over a GSM modem on a serial port. A conversation a message; the network's reference is the proof."""

import hashlib
from collections.abc import Callable

import serial

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import Device, short
from webmanager.notify.modem_link import ModemLink
from webmanager.notify.receipts import Receipts
from webmanager.notify.sms_pdu import Pdu, submit
from webmanager.settings.destinations_model import SmsReceiver

LONGEST_TEXT = 300


class SmsNotifier:
    """One modem and its numbers; a retry sends only the parts that are missing."""

    def __init__(self, settings: SmsReceiver, device: Callable[[], Device]) -> None:
        self._settings = settings
        self._device = device
        self._receipts = Receipts()
        self._wrong_pin = ""

    async def send(self, message: Message) -> str:
        """Sends the message to each number; RefusedError for good once the SIM card has refused the PIN."""
        if self._wrong_pin:
            # a third wrong try would lock the card
            raise RefusedError(f"{self._wrong_pin}; it is not tried again until the settings change")
        parts = self._parts(message)
        failures: dict[str, str] = {}
        with _open(self._settings) as port:
            link = ModemLink(port.fileno())
            try:
                await self._start(link)
                for name in self._receipts.missing(message.key, list(parts)):
                    await self._hand_over(link, message.key, name, parts[name], failures)
            finally:
                link.close()
        return self._receipts.settle(message.key, list(parts), failures)

    async def _start(self, link: ModemLink) -> None:
        try:
            await link.start(self._settings.pin.get_secret_value())
        except RefusedError as error:
            if "PIN was refused" in str(error):
                self._wrong_pin = str(error)
            raise

    async def _hand_over(self, link: ModemLink, key: str, name: str, pdu: Pdu, failures: dict[str, str]) -> None:
        try:
            reference = await link.send_pdu(pdu.text, pdu.length)
        except RefusedError as error:
            self._receipts.refused(key, name, str(error))
        except DeliveryError as error:
            failures[name] = str(error)
        else:
            self._receipts.took(key, name, f"+CMGS: {reference}")

    def _parts(self, message: Message) -> dict[str, Pdu]:
        """Every PDU under the name it has in the proof."""
        text = short(message, self._device(), LONGEST_TEXT)
        reference = hashlib.sha256(message.key.encode()).digest()[0]
        found: dict[str, Pdu] = {}
        for number in self._settings.to:
            pdus = submit(number, text, reference)
            for place, pdu in enumerate(pdus, 1):
                found[number if len(pdus) == 1 else f"{number} part {place}/{len(pdus)}"] = pdu
        return found


def _open(settings: SmsReceiver) -> serial.Serial:
    """The port, held by this program alone; DeliveryError if it is not there."""
    try:
        return serial.Serial(settings.port, settings.baud, timeout=0, write_timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{settings.port}: {error}") from None
