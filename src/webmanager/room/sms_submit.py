"""What a network reads out of an SMS-SUBMIT (3GPP TS 23.040, 9.2.2.2). Pure; knows nothing of who wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
VALIDITY_OCTETS = (0, 7, 1, 7)
"""Octets of the validity period by the two bits that tell its format."""


@dataclass(frozen=True, slots=True)
class SentText:
    """What the network took: number, text, and the part of a longer text as (reference, parts, this one)."""

    number: str
    text: str
    part: tuple[int, int, int] | None = None


def read_submit(octets: bytes) -> SentText:
    """A message as the modem got it, service centre first; ValueError if it is no SMS-SUBMIT."""
    try:
        return _read(octets)
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"no SMS-SUBMIT: {error}") from None


def _read(octets: bytes) -> SentText:
    place = 1 + octets[0]
    first, digits, kind = octets[place], octets[place + 2], octets[place + 3]
    if first & 0x03 != 0x01:
        raise ValueError(f"no SMS-SUBMIT: first octet {first:#04x}")
    place += 4
    number = "".join(f"{octet & 15:X}{octet >> 4:X}" for octet in octets[place : place + (digits + 1) // 2])[:digits]
    place += (digits + 1) // 2 + 1
    coding = octets[place]
    place += 1 + VALIDITY_OCTETS[first >> 3 & 3]
    length, data = octets[place], octets[place + 1 :]
    header = data[: data[0] + 1] if first & 0x40 else b""
    if coding == 0x08:
        text = data[len(header) : length].decode("utf-16-be")
    else:
        skipped = -(-8 * len(header) // 7)
        text = "".join(_characters(_septets(data, length)[skipped:]))
    return SentText(f"+{number}" if kind & 0x70 == 0x10 else number, text, _part(header))


def _septets(data: bytes, count: int) -> list[int]:
    if len(data) < (7 * count + 7) // 8:
        raise ValueError("no SMS-SUBMIT: shorter than it says")
    bits = int.from_bytes(data, "little")
    return [bits >> 7 * place & 0x7F for place in range(count)]


def _characters(codes: list[int]) -> Iterator[str]:
    is_extended = False
    for code in codes:
        if is_extended:
            yield EXTENDED.get(code, " ")
        elif code != 0x1B:
            yield BASIC[code]
        is_extended = code == 0x1B and not is_extended


def _part(header: bytes) -> tuple[int, int, int] | None:
    place = 1
    while place + 1 < len(header):
        if header[place : place + 2] == b"\x00\x03":
            return header[place + 2], header[place + 3], header[place + 4]
        place += 2 + header[place + 1]
    return None
