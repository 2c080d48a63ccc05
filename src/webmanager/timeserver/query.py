"""One question to one time server over UDP: whose answer counts, and how long is waited."""

import asyncio
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from webmanager.domain.errors import TimeServerError
from webmanager.timeserver.packet import PORT, NtpAnswer, check, offset_and_delay, read_answer, request

TIMEOUT_S = 2.0
LONGEST_DELAY_S = 1.0
"""An answer that was longer under way says the time no better than to half of this, and is not used."""
COARSEST_S = 0.02
"""Clocks that tick coarsely make a short way look shorter than none."""
MOST_DATAGRAMS = 8
"""So many are looked at for one question; more is a flood, not an answer."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one answer says: how far our clock is behind (s), the way there and back (s), the server's stratum."""

    offset_s: float
    delay_s: float
    stratum: int


async def ask(server: str, now: Callable[[], float], *, port: int = PORT, timeout_s: float = TIMEOUT_S) -> Sample:
    """Asks a server by name or address; `now` is the clock to compare with. TimeServerError says why not."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(server, port, now)
    except TimeoutError:
        raise TimeServerError(f"no answer within {timeout_s:g} s") from None
    except OSError as error:
        raise TimeServerError(f"cannot be reached: {error.strerror or error}") from None


async def _exchange(server: str, port: int, now: Callable[[], float]) -> Sample:
    heard: asyncio.Queue[tuple[bytes, float] | OSError] = asyncio.Queue(MOST_DATAGRAMS)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Ear(heard, now), remote_addr=(server, port)
    )
    try:
        _refuse_many(transport.get_extra_info("peername")[0])
        stamp, asked = secrets.randbits(64), now()
        transport.sendto(request(stamp))
        return await _first_good(heard, stamp, asked)
    finally:
        transport.close()


async def _first_good(heard: asyncio.Queue[tuple[bytes, float] | OSError], stamp: int, asked: float) -> Sample:
    """The first answer to our own question; what others send meanwhile is passed over, up to a bound."""
    for _ in range(MOST_DATAGRAMS):
        told = await heard.get()
        if isinstance(told, OSError):
            raise told
        data, at = told
        if (answer := _for_us(data, stamp)) is not None:
            check(answer, stamp)
            return _sample(asked, answer, at)
    raise TimeServerError(f"it sent {MOST_DATAGRAMS} packets, and none of them answers the question")


def _for_us(data: bytes, stamp: int) -> NtpAnswer | None:
    """An answer to this very question; anybody can send the rest under a false address."""
    try:
        answer = read_answer(data)
    except TimeServerError:
        return None
    return answer if answer.origin == stamp else None


def _sample(asked: float, answer: NtpAnswer, heard: float) -> Sample:
    offset_s, delay_s = offset_and_delay(asked, answer, heard)
    if not -COARSEST_S <= delay_s <= LONGEST_DELAY_S:
        raise TimeServerError(f"its answer was {delay_s:.3f} s under way; up to {LONGEST_DELAY_S:g} s are good enough")
    return Sample(offset_s, max(delay_s, 0.0), answer.stratum)


def _refuse_many(address: str) -> None:
    """Time is asked of one host, never of a whole network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.is_multicast or ip.is_unspecified or address == "255.255.255.255":
        raise TimeServerError(f"{address} is not the address of one host")


class _Ear(asyncio.DatagramProtocol):
    """Notes when what came; what is too much is dropped."""

    def __init__(self, heard: asyncio.Queue[tuple[bytes, float] | OSError], now: Callable[[], float]) -> None:
        self._heard = heard
        self._now = now

    def datagram_received(self, data: bytes, _: tuple[object, ...]) -> None:
        self._put((data, self._now()))

    def error_received(self, exc: Exception) -> None:
        self._put(exc if isinstance(exc, OSError) else OSError(str(exc)))

    def _put(self, told: tuple[bytes, float] | OSError) -> None:
        if not self._heard.full():
            self._heard.put_nowait(told)
