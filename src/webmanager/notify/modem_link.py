"""The AT dialogue with a GSM modem over a file descriptor: commands out, lines and the prompt in."""

import asyncio
import os
import re
from collections.abc import Callable

from webmanager.domain.errors import DeliveryError, RefusedError

FIRST_TIMEOUT_S = 1.0
COMMAND_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 60.0
CTRL_Z, ESCAPE = b"\x1a", b"\x1b"
MOST_BUFFERED = 4096
CMS_ERRORS = {
    1: "the number does not exist",
    8: "barred by the operator",
    21: "the network rejects the message",
    28: "the subscriber is not known",
    38: "the network is out of order",
    50: "the facility is not subscribed",
    302: "not allowed",
    304: "the modem does not understand the message",
    310: "there is no SIM card",
    311: "the SIM card asks for its PIN",
    316: "the SIM card is locked (PUK)",
    330: "the number of the service centre is not known",
    331: "there is no network",
    332: "the network does not answer",
}
"""The more likely causes of 3GPP TS 27.005, 3.2.5, and TS 24.011, E.2."""
FINAL = frozenset({1, 8, 28, 50, 304})
"""Causes that another try would not cure."""

_FINISHED = re.compile(r"OK|ERROR|\+CM[ES] ERROR: ?.*")
_ERROR = re.compile(r"\+CM([ES]) ERROR: ?(.*)")


class ModemLink:
    """One conversation over an open, non-blocking descriptor; `close` ends it but leaves the descriptor open.

    Lines that a modem says of its own accord (rings, incoming messages) are passed over.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._heard = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)
        self._gone = ""

    def close(self) -> None:
        """Stops listening."""
        self._loop.remove_reader(self._descriptor)

    async def start(self, pin: str) -> None:
        """Wakes the modem and checks SIM card and network; RefusedError if the PIN is wrong or missing."""
        await self._write(ESCAPE)  # ends a message that a former conversation left half way
        await self._first_answer()
        await self.command("AT+CMEE=1")
        await self._unlock(pin)
        registration = " ".join(await self.command("AT+CREG?"))
        if not re.search(r"\+CREG: ?\d,(1|5)\b", registration):
            raise DeliveryError(f"the modem is not in a network ({registration or 'no answer to AT+CREG?'})")
        await self.command("AT+CMGF=0")

    async def command(self, text: str, timeout_s: float = COMMAND_TIMEOUT_S) -> list[str]:
        """Sends a command; returns the lines before OK, DeliveryError with the modem's own words otherwise."""
        self._buffer = b""
        await self._write(text.encode("ascii") + b"\r")
        return await self._lines(text, timeout_s)

    async def send_pdu(self, pdu: str, length: int) -> int:
        """Hands one message over; returns the reference the network gave it."""
        self._buffer = b""
        await self._write(b"AT+CMGS=%d\r" % length)
        await self._prompt()
        self._buffer = b""
        await self._write(pdu.encode("ascii") + CTRL_Z)
        for line in await self._lines("the message", SEND_TIMEOUT_S):
            if match := re.fullmatch(r"\+CMGS: ?(\d+).*", line):
                return int(match[1])
        raise DeliveryError("the modem gave the message no reference")

    async def _first_answer(self) -> None:
        """Some modems need a few characters to find the speed."""
        for attempt in (1, 2, 3):
            try:
                await self.command("ATE0", FIRST_TIMEOUT_S)
            except DeliveryError:
                if attempt == 3:
                    raise
            else:
                return

    async def _unlock(self, pin: str) -> None:
        state = " ".join(await self.command("AT+CPIN?"))
        if "READY" in state:
            return
        if "SIM PIN" not in state:
            raise RefusedError(f"the SIM card cannot be used: {state}")
        if not pin:
            raise RefusedError("the SIM card asks for a PIN, and none is set")
        try:
            await self.command(f"AT+CPIN={pin}", SEND_TIMEOUT_S)
        except DeliveryError as error:
            raise RefusedError(f"the PIN was refused: {error}") from None

    async def _prompt(self) -> None:
        """Waits for the prompt, or for the reason why there is none."""
        await self._until(lambda: b"> " in self._buffer or self._finished() is not None, "AT+CMGS", COMMAND_TIMEOUT_S)
        if b"> " not in self._buffer:
            await self._lines("AT+CMGS", COMMAND_TIMEOUT_S)
            raise DeliveryError("the modem did not ask for the message")

    async def _lines(self, what: str, timeout_s: float) -> list[str]:
        await self._until(lambda: self._finished() is not None, what, timeout_s)
        lines = self._complete_lines()
        place = self._finished() or 0
        _check(lines[place])
        return lines[:place]

    def _finished(self) -> int | None:
        """Index of the line that ends the answer."""
        for place, line in enumerate(self._complete_lines()):
            if _FINISHED.fullmatch(line):
                return place
        return None

    def _complete_lines(self) -> list[str]:
        whole, _, _ = self._buffer.rpartition(b"\n")
        return [line.strip() for line in whole.decode("ascii", "replace").splitlines() if line.strip()]

    async def _until(self, is_there: Callable[[], bool], what: str, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not is_there():
                    if self._gone:
                        raise DeliveryError(f"the modem is gone: {self._gone}")
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            raise DeliveryError(f"the modem does not answer to {what} within {timeout_s:g} s") from None

    async def _write(self, data: bytes) -> None:
        """Writes all of it; a modem that takes nothing for five seconds is gone."""
        deadline_s = self._loop.time() + COMMAND_TIMEOUT_S
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                if self._loop.time() > deadline_s:
                    raise DeliveryError("the modem takes no bytes") from None
                await asyncio.sleep(0.01)
            except OSError as error:
                raise DeliveryError(f"the modem is gone: {error.strerror}") from None

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, MOST_BUFFERED)
        except BlockingIOError:
            return
        except OSError as error:
            data, self._gone = b"", error.strerror or "closed"
        if not data:
            self._gone = self._gone or "closed"
            self._loop.remove_reader(self._descriptor)
        self._buffer = (self._buffer + data)[-MOST_BUFFERED:]
        self._heard.set()


def _check(line: str) -> None:
    """Raises what a final line says went wrong."""
    if line == "OK":
        return
    match = _ERROR.fullmatch(line)
    code = int(match[2]) if match and match[1] == "S" and match[2].isdigit() else None
    reason = CMS_ERRORS.get(code or 0)
    text = f"{line}: {reason}" if reason else line
    raise RefusedError(text) if code in FINAL else DeliveryError(text)
