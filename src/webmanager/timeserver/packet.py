"""SNTP packets as bytes: RFC 4330 (the client), RFC 5905 section 7.3 (the header). Pure.

     0       1       2       3          4-7         8-11        12-15
    LI VN M  stratum poll precision     root delay  dispersion  reference id
    16-23 reference    24-31 originate    32-39 receive    40-47 transmit     (timestamps)

A timestamp is 32 bits of seconds since 1900 and 32 bits of their fraction. It wraps in 2036; as RFC 4330 section 3
says, one whose first bit is 0 is of the era that begins then.
"""

import struct
from dataclasses import dataclass

from webmanager.domain.errors import TimeServerError

SIZE = 48
PORT = 123
VERSION = 4
_HEADER = struct.Struct("!BBbbII4sQQQQ")
_CLIENT, _SERVER = 3, 4
_UNSYNCHRONISED = 3
_TO_1970 = 2_208_988_800
_ERA = 1 << 32
HIGHEST_STRATUM = 15
LONGEST_ROOT_S = 16.0
"""A server farther than this from its own reference (RFC 5905: MAXDISP) knows no time."""

KISSES = {
    "DENY": "it refuses this device",
    "RSTR": "it refuses this device",
    "RATE": "it is asked too often",
}


@dataclass(frozen=True, slots=True)
class NtpAnswer:
    """What a server says; times are UTC seconds since 1970, `origin` is the stamp of our request, sent back."""

    leap: int
    version: int
    mode: int
    stratum: int
    root_delay_s: float
    root_dispersion_s: float
    reference: bytes
    origin: int
    received: float
    sent: float

    @property
    def kiss(self) -> str:
        """The code of a kiss-o'-death, empty if it is none."""
        code = self.reference.decode("ascii", "replace")
        return (code if code.isalnum() else "????") if self.stratum == 0 else ""


class KissError(TimeServerError):
    """A server that does not want to be asked: `code` says why, or what to do."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"{KISSES.get(code, 'it gives no time')} ({code})")


def request(stamp: int) -> bytes:
    """A client's question. `stamp`, 64 bits, comes back as `origin`: drawn by lot, it proves whose answer it is."""
    return _HEADER.pack(VERSION << 3 | _CLIENT, 0, 0, 0, 0, 0, bytes(4), 0, 0, 0, stamp)


def read_answer(data: bytes) -> NtpAnswer:
    """A packet taken apart; what follows the header (extensions, authentication) is left alone.

    TimeServerError if it is too short.
    """
    if len(data) < SIZE:
        raise TimeServerError(f"an answer of {len(data)} bytes is none: {SIZE} are expected")
    first, stratum, _, _, delay, dispersion, reference, _, origin, received, sent = _HEADER.unpack_from(data)
    return NtpAnswer(
        leap=first >> 6,
        version=first >> 3 & 7,
        mode=first & 7,
        stratum=stratum,
        root_delay_s=delay / 65536.0,
        root_dispersion_s=dispersion / 65536.0,
        reference=reference,
        origin=origin,
        received=seconds(received),
        sent=seconds(sent),
    )


def check(answer: NtpAnswer, stamp: int) -> None:
    """Refuses what is no time (RFC 4330 section 5): TimeServerError, or KissError if the server sends us away."""
    if answer.origin != stamp:
        raise TimeServerError("it answers another question: somebody else may be sending it")
    if answer.mode != _SERVER or not 1 <= answer.version <= VERSION:
        raise TimeServerError(f"it is no time server: mode {answer.mode}, version {answer.version}")
    if answer.stratum == 0:
        raise KissError(answer.kiss)
    if answer.leap == _UNSYNCHRONISED or answer.stratum > HIGHEST_STRATUM:
        raise TimeServerError(f"it is not synchronised itself (leap {answer.leap}, stratum {answer.stratum})")
    if answer.sent == seconds(0) or answer.received > answer.sent:
        raise TimeServerError("its times cannot be: it sent before it received, or at no time at all")
    if answer.root_delay_s / 2 + answer.root_dispersion_s >= LONGEST_ROOT_S:
        raise TimeServerError("it is too far from its own reference to know the time")


def offset_and_delay(asked: float, answer: NtpAnswer, heard: float) -> tuple[float, float]:
    """How far our clock is behind the server's, and how long the way there and back took, s (RFC 4330 section 5).

    `asked` and `heard` are times of our clock, which must not be set in between.
    """
    offset = ((answer.received - asked) + (answer.sent - heard)) / 2
    delay = (heard - asked) - (answer.sent - answer.received)
    return offset, delay


def seconds(stamp: int) -> float:
    """UTC seconds since 1970 of a timestamp."""
    whole, fraction = stamp >> 32, stamp & 0xFFFFFFFF
    return (whole if whole >> 31 else whole + _ERA) - _TO_1970 + fraction / _ERA


def timestamp(utc_s: float) -> int:
    """The timestamp of UTC seconds since 1970, whatever era it is in."""
    return round((utc_s + _TO_1970) * _ERA) % (1 << 64)
