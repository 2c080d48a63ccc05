"""Text messages as a GSM modem takes them: SMS-SUBMIT in PDU mode (3GPP TS 23.040, 23.038). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101}
ESCAPE = 0x1B
SPELLED = str.maketrans({"°": " deg", "…": "...", "−": "-", "–": "-", "×": "x", "µ": "u", "²": "2", "\t": " "})
"""What the alphabet lacks and can be spelled: one such sign would halve the length of the whole message."""

SINGLE_SEPTETS, PART_SEPTETS = 160, 153
SINGLE_UNITS, PART_UNITS = 70, 67
ONE_DAY = 0xA7
MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Pdu:
    """One message for the modem: the hex text of AT+CMGS and the length that goes with it (octets without SMSC)."""

    text: str
    length: int


def submit(number: str, text: str, reference: int) -> list[Pdu]:
    """A text to one number as one to four PDUs; what is longer is cut. `reference` (0-255) joins the parts."""
    spelled = text.translate(SPELLED)
    if septets(spelled) is not None:
        parts = list(_split_septets(spelled))[:MOST_PARTS]
        return [_pdu(number, 0x00, *_packed(part, _header(reference, len(parts), n))) for n, part in enumerate(parts)]
    units = list(_split_units(text))[:MOST_PARTS]
    return [_pdu(number, 0x08, *_ucs2(part, _header(reference, len(units), n))) for n, part in enumerate(units)]


def septets(text: str) -> list[int] | None:
    """The text in the default alphabet, 7 bits each; None if a character is not in it."""
    codes: list[int] = []
    for character in text:
        place = ALPHABET.find(character)
        if place >= 0 and place != ESCAPE:
            codes.append(place)
        elif character in EXTENSION:
            codes += [ESCAPE, EXTENSION[character]]
        else:
            return None
    return codes


def _split_septets(text: str) -> Iterator[list[int]]:
    """Parts of 153 septets, or one of up to 160; an escape is never torn from its character."""
    codes = septets(text) or []
    if len(codes) <= SINGLE_SEPTETS:
        yield codes
        return
    while codes:
        size = PART_SEPTETS
        if len(codes) > size and codes[size - 1] == ESCAPE:
            size -= 1
        yield codes[:size]
        codes = codes[size:]


def _split_units(text: str) -> Iterator[bytes]:
    """Parts of 67 UTF-16 units, or one of up to 70; a surrogate pair is never torn."""
    data = text.encode("utf-16-be", "replace")
    if len(data) <= 2 * SINGLE_UNITS:
        yield data
        return
    while data:
        size = 2 * PART_UNITS
        if len(data) > size and 0xD8 <= data[size - 2] <= 0xDB:
            size -= 2
        yield data[:size]
        data = data[size:]


def _header(reference: int, parts: int, index: int) -> bytes:
    """User data header of one part; empty if there is only one."""
    return bytes((5, 0, 3, reference & 0xFF, parts, index + 1)) if parts > 1 else b""


def _packed(codes: list[int], header: bytes) -> tuple[bytes, int, bytes]:
    """Header, length in septets (header and fill bits included), and the packed octets."""
    fill_bits = -8 * len(header) % 7
    bits = sum(code << (7 * place) for place, code in enumerate(codes)) << fill_bits
    octets = bits.to_bytes((7 * len(codes) + fill_bits + 7) // 8, "little")
    return header, (8 * len(header) + fill_bits) // 7 + len(codes), octets


def _ucs2(data: bytes, header: bytes) -> tuple[bytes, int, bytes]:
    return header, len(header) + len(data), data


def _pdu(number: str, coding: int, header: bytes, length: int, data: bytes) -> Pdu:
    first = 0x11 | (0x40 if header else 0)
    digits = number.lstrip("+")
    kind = 0x91 if number.startswith("+") else 0x81
    tpdu = bytes((first, 0, len(digits), kind)) + _swapped(digits) + bytes((0, coding, ONE_DAY, length)) + header + data
    return Pdu("00" + tpdu.hex().upper(), len(tpdu))


def _swapped(digits: str) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[place + 1] + padded[place] for place in range(0, len(padded), 2)))
