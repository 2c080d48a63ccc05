"""Every `vector` block of docs/bus-protocol.md, encoded and decoded; the CRC is judged by code written from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from webmanager.bus import commands
from webmanager.bus.commands import Command, Refusal
from webmanager.bus.frame import Decoder, Frame, checksum, encode
from webmanager.domain.reading import ModuleStatus

PAGE = Path(__file__).parents[2] / "docs" / "bus-protocol.md"
HEADLINE = re.compile(r"(request|reply)\s+([A-Z_]+) address=(\d+) sequence=(\d)(?: (\w+)\((.*)\))?$")
FIELD = re.compile(r"(\w+)=(\([^)]*\)|\w+|-?\d+)")


@dataclass(frozen=True)
class Vector:
    """One frame of the page: what it says, and its bytes."""

    frame: Frame
    payload: Any
    data: bytes

    def __str__(self) -> str:
        kind = "reply" if self.frame.reply else "request"
        return f"{kind}-{Command(self.frame.command).name}-{self.frame.address}-{self.frame.sequence}"


def value(text: str) -> Any:
    if text.startswith("("):
        return tuple(int(part) for part in text[1:-1].split(","))
    return None if text == "None" else int(text)


def vectors() -> Iterator[Vector]:
    for block in re.findall(r"```vector\n(.*?)```", PAGE.read_text(), re.S):
        lines = block.strip().splitlines()
        for headline, data in zip(lines[::2], lines[1::2], strict=True):
            match = HEADLINE.match(headline)
            assert match, headline
            kind, command, address, sequence, layout, fields = match.groups()
            payload = None
            if layout:
                payload = getattr(commands, layout)(**{name: value(text) for name, text in FIELD.findall(fields)})
            body = payload.encode() if payload else b""
            frame = Frame(Command[command], int(address), int(sequence), body, kind == "reply")
            yield Vector(frame, payload, bytes.fromhex(data))


VECTORS = list(vectors())


def crc_of_the_page(data: bytes) -> int:
    """Bit by bit, as the page describes it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def test_check_value_of_the_crc() -> None:
    assert crc_of_the_page(b"123456789") == checksum(b"123456789") == 0x29B1


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_page_encodes_to_its_bytes(vector: Vector) -> None:
    assert encode(vector.frame).hex(" ") == vector.data.hex(" ")


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_bytes_decode_to_the_page(vector: Vector) -> None:
    assert list(Decoder(replies=vector.frame.reply).feed(vector.data)) == [vector.frame]
    if vector.payload is not None:
        assert type(vector.payload).decode(vector.frame.payload) == vector.payload


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_bytes_have_the_boxes_of_the_page(vector: Vector) -> None:
    data = vector.data
    head = data[2] << 8 | data[3]
    assert data[0] == (0x5A if vector.frame.reply else 0xA5)
    assert data[1] == len(data) - 6
    assert (head >> 11, head >> 9 & 3, head & 511) == (
        vector.frame.command,
        vector.frame.sequence,
        vector.frame.address,
    )
    assert crc_of_the_page(data[1:-2]) == data[-2] << 8 | data[-1]


def test_every_command_has_an_example_in_each_direction() -> None:
    seen = {(Command(vector.frame.command), vector.frame.reply) for vector in VECTORS}
    requests = set(Command) - {Command.REFUSED}
    replies = set(Command) - {Command.SET_REFERENCE}
    assert seen == {(command, False) for command in requests} | {(command, True) for command in replies}


def table_rows(heading: str) -> list[list[str]]:
    """Cells of the rows of the first table whose header line begins with `heading`."""
    lines = PAGE.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_tables_of_commands_and_status_bits_are_the_code() -> None:
    assert {int(row[0]): row[1] for row in table_rows("| no. |")} == {command: command.name for command in Command}
    bits = {row[1]: 1 << int(row[0].split()[0]) for row in table_rows("| bit |")}
    assert bits == {status.name: status.value for status in ModuleStatus}


def test_reasons_and_reply_lengths_are_the_code() -> None:
    text = " ".join(PAGE.read_text().split())
    assert ", ".join(f"{reason} {reason.name.lower().replace('_', ' ')}" for reason in Refusal) in text
    for request, _, reply_bytes, milliseconds in table_rows("| request | bytes |"):
        assert commands.REPLY_BYTES[Command[request]] == int(reply_bytes)
        assert f"{(60 + 10 + 10 * int(reply_bytes)) / 38.4:.2f} ms" == milliseconds
