"""RCCMD, sending: one datagram for a broadcast, a line with its answer over TCP or TLS for single receivers."""

import asyncio
import ssl
from collections.abc import Callable

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import Device
from webmanager.notify.rccmd_sentence import LONGEST_LINE
from webmanager.notify.rccmd_text import check_answer, sentence
from webmanager.notify.receipts import Receipts
from webmanager.notify.tls import tls_context
from webmanager.notify.udp import send_datagram
from webmanager.settings.destinations_model import RccmdReceiver


class RccmdNotifier:
    """All receivers of one entry at the same time; a retry goes only to those who have not answered."""

    def __init__(
        self, settings: RccmdReceiver, device: Callable[[], Device], tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._device = device
        self._tls = tls
        self._receipts = Receipts()

    async def send(self, message: Message) -> str:
        """Delivers; UDP has no answer and says so, TCP and TLS bring the receiver's digest of what it got."""
        settings = self._settings
        ups = f"{settings.ups_model} ({settings.ups_id})" if settings.ups_id else settings.ups_model
        line = sentence(message, self._device(), ups, settings.minutes_if_unknown)
        missing = self._receipts.missing(message.key, settings.addresses)
        outcomes = await asyncio.gather(*(self._reach(address, line) for address in missing), return_exceptions=True)
        failures: dict[str, str] = {}
        for address, outcome in zip(missing, outcomes, strict=True):
            if isinstance(outcome, str):
                self._receipts.took(message.key, address, outcome)
            elif isinstance(outcome, RefusedError):
                self._receipts.refused(message.key, address, str(outcome))
            elif isinstance(outcome, DeliveryError):
                failures[address] = str(outcome)
            else:
                raise outcome
        return self._receipts.settle(message.key, settings.addresses, failures)

    async def _reach(self, address: str, line: str) -> str:
        if self._settings.transport == "udp":
            return await send_datagram(line.encode("ascii"), address, self._settings.port)
        # within the time of one try, so that one silent receiver hides no other's answer
        limit_s = 0.9 * self._settings.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._converse(address, line)
        except TimeoutError:
            raise DeliveryError(f"no answer within {limit_s:.0f} s") from None
        except (OSError, ssl.SSLError) as error:
            raise DeliveryError(str(error) or type(error).__name__) from None

    async def _converse(self, address: str, line: str) -> str:
        """One line out, one line back."""
        reader, writer = await asyncio.open_connection(
            address, self._settings.port, ssl=self._context(), limit=LONGEST_LINE
        )
        try:
            writer.write(line.encode("ascii") + b"\n")
            await writer.drain()
            answer = await reader.readline()
            return check_answer(line, answer.decode("ascii", "replace").strip())
        except ValueError:
            raise DeliveryError("the answer is longer than any of ours") from None
        finally:
            writer.close()

    def _context(self) -> ssl.SSLContext | None:
        if self._settings.transport != "tls":
            return None
        if self._tls is None:
            self._tls = tls_context(self._settings.ca_file)
        return self._tls
