"""SNMP notifications of version 2c as bytes (X.690, RFC 3416): read, and acknowledged. Pure.

Written from the standards: a manager that used the same library as the device would share its mistakes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

SEQUENCE, INTEGER, STRING, NULL, OID = 0x30, 0x02, 0x04, 0x05, 0x06
RESPONSE, INFORM, TRAP = 0xA2, 0xA6, 0xA7
ADDRESS, UNSIGNED = 0x40, frozenset({0x41, 0x42, 0x43, 0x46})
VERSION_2C = 1
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
GENERAL_ERROR = 5


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or an inform; `values` are (OID, value as text) in their order, `request` and `bindings` still bytes."""

    community: bytes
    is_inform: bool
    request: bytes
    bindings: bytes
    values: tuple[tuple[str, str], ...]

    @property
    def oid(self) -> str:
        """Which notification it is; empty if it does not say."""
        return next((text for name, text in self.values if name == TRAP_OID), "")


def read(data: bytes) -> Notification:
    """A datagram as a notification; ValueError says why it is none."""
    version, community, (tag, pdu) = _parts(_only(data, SEQUENCE), 3)
    if version[0] != INTEGER or int.from_bytes(version[1], "big") != VERSION_2C:
        raise ValueError("not of version 2c")
    if tag not in {INFORM, TRAP}:
        raise ValueError(f"neither trap nor inform: {tag:#04x}")
    request, _, _, bindings = _parts(pdu, 4)
    values = []
    for kind, pair in _elements(bindings[1]):
        if kind != SEQUENCE:
            raise ValueError("a binding is a sequence")
        (_, name), (value_kind, value) = _parts(pair, 2)
        values.append((_oid(name), _text(value_kind, value)))
    return Notification(community[1], tag == INFORM, request[1], bindings[1], tuple(values))


def acknowledgement(notification: Notification, error: int = 0) -> bytes:
    """The response to an inform; with an error status, a refusal."""
    pdu = (
        _tagged(INTEGER, notification.request)
        + _tagged(INTEGER, bytes((error,)))
        + _tagged(INTEGER, b"\x00")
        + _tagged(SEQUENCE, notification.bindings)
    )
    head = _tagged(INTEGER, bytes((VERSION_2C,))) + _tagged(STRING, notification.community)
    return _tagged(SEQUENCE, head + _tagged(RESPONSE, pdu))


def _only(data: bytes, tag: int) -> bytes:
    """The content of the one element that the data are."""
    elements = list(_elements(data))
    if len(elements) != 1 or elements[0][0] != tag:
        raise ValueError("not one message of SNMP")
    return elements[0][1]


def _parts(data: bytes, count: int) -> list[tuple[int, bytes]]:
    parts = list(_elements(data))
    if len(parts) != count:
        raise ValueError(f"{len(parts)} parts where {count} belong")
    return parts


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element; ValueError where one is cut off."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("cut off")
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4 or at + octets > len(data):
                raise ValueError("a length that cannot be")
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + length > len(data):
            raise ValueError("cut off")
        yield tag, data[at : at + length]
        at += length


def _oid(content: bytes) -> str:
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    if not numbers or content[-1] & 0x80:
        raise ValueError("not an object identifier")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _text(kind: int, content: bytes) -> str:
    if kind == INTEGER:
        return str(int.from_bytes(content, "big", signed=True))
    if kind in UNSIGNED:
        return str(int.from_bytes(content, "big"))
    if kind == OID:
        return _oid(content)
    if kind == ADDRESS:
        return ".".join(map(str, content))
    if kind == NULL:
        return ""
    return content.decode("utf-8", "replace") if kind == STRING else content.hex()


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
