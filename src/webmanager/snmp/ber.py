"""Values, names and lists of both as bytes: the part of BER (X.690) that an answer is made of. Pure.

The library's own way of making an answer costs ten times as much, and the loop is held meanwhile.
"""

from collections.abc import Iterable
from functools import lru_cache

from webmanager.snmp.asn1 import Kind, Oid, Value

NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x81\x00", b"\x82\x00"
SEQUENCE, OID = 0x30, 0x06
TAGS = {
    Kind.INTEGER: 0x02,
    Kind.STRING: 0x04,
    Kind.OID: OID,
    Kind.COUNTER: 0x41,
    Kind.GAUGE: 0x42,
    Kind.TICKS: 0x43,
}


def varbinds(pairs: Iterable[tuple[Oid, bytes]]) -> bytes:
    """A list of names with their encoded values."""
    return tagged(SEQUENCE, b"".join(tagged(SEQUENCE, name(oid) + encoded) for oid, encoded in pairs))


def value(given: Value) -> bytes:
    """A value with its type."""
    content = given.content
    if isinstance(content, bytes):
        return tagged(TAGS[given.kind], content)
    if isinstance(content, tuple):
        return name(content)
    bits = (content if content >= 0 else ~content).bit_length()
    return tagged(TAGS[given.kind], content.to_bytes(bits // 8 + 1, "big", signed=True))


@lru_cache(maxsize=20_000)
def name(oid: Oid) -> bytes:
    """An OID of at least two numbers; the first two share an octet."""
    octets = bytearray()
    for number in (oid[0] * 40 + oid[1], *oid[2:]):
        part = [number & 0x7F]
        while number := number >> 7:
            part.append(number & 0x7F | 0x80)
        octets += bytes(reversed(part))
    return tagged(OID, bytes(octets))


def tagged(tag: int, content: bytes) -> bytes:
    """Type, length, content; the length in its shortest form."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
