"""The room file: what stands in the simulated battery room, and how it starts."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from webmanager.bus.commands import ModuleType
from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType, Installation
from webmanager.room.inbox.arrivals import Channel
from webmanager.room.inbox.ports import NETWORK_CHANNELS, InboxPorts

BAUDS = (9600, 19200, 38400, 57600, 115200)
SPEEDS = (0.1, 100_000.0)
MODULE_TYPES = tuple(kind.name for kind in ModuleType if kind is not ModuleType.CS300)
TYPE_OF_BLOCK = {12: "C20", 6: "C30", 4: "C40", 2: "C41"}
"""Module type that belongs to a block voltage unless the file names another."""
LAST_BEFORE_ECO = {"C41": "1.0", "C42": "1.0"}
USUAL_REVISION = "2.0"
INBOX_KEYS = ("on", "bind", *NETWORK_CHANNELS)


@dataclass(frozen=True, slots=True)
class RoomConfig:
    """One room.

    `module_type`, `revision`, `load_w`, `float_v_per_cell` and `current_limit_a` are None for what suits the block.
    `state` is a file that a simulation has left; the room goes on from it. `play` is the name of a built-in scenario,
    or the path of a TOML file, that begins with the room. Room time begins at the host's time, but never before
    `not_before`. `branch_order` lists the addresses of each branch of the bus in the order of the cable; empty = by
    address. On `com2` hangs nothing or a GSM modem. `inbox` says where those listen who are told; None = nobody does.
    """

    modules: int = 256
    strings: int = 8
    block: BlockType = field(default_factory=BlockType)
    start: Literal["settled", "fresh"] = "settled"
    noise: Literal["low", "high"] = "low"
    speed: float = 1.0
    seed: int = 1
    not_before: datetime | None = None
    state: str | None = None
    play: str | None = None
    module_type: str | None = None
    revision: str | None = None
    firmware: str = "1.7"
    baud: int = 38400
    branch_order: tuple[tuple[int, ...], ...] = ()
    ambient_c: float = 22.0
    rack_k: float = 3.0
    load_w: float | None = None
    mains: bool = True
    float_v_per_cell: float | None = None
    current_limit_a: float | None = None
    com2: Literal["nothing", "modem"] = "nothing"
    inbox: InboxPorts | None = None

    def __post_init__(self) -> None:
        parse_revision(self.revision_text, "[module] revision")
        parse_revision(self.firmware, "[module] firmware")
        installation = self.installation
        named = [address for branch in self.branch_order for address in branch]
        if named and sorted(named) != list(range(1, installation.modules + 1)):
            raise ConfigError(f"[bus] order must name each address from 1 to {installation.modules} once")

    @property
    def installation(self) -> Installation:
        """Strings and batteries of this room; ConfigError if they do not fit each other."""
        return Installation(self.modules, self.strings, self.block)

    @property
    def type_name(self) -> str:
        """Type of all modules."""
        return self.module_type or TYPE_OF_BLOCK[self.block.nominal_v]

    @property
    def revision_text(self) -> str:
        """Hardware revision of all modules; unless given, one that answers at once."""
        return self.revision or LAST_BEFORE_ECO.get(self.type_name, USUAL_REVISION)

    @property
    def branches(self) -> tuple[tuple[int, ...], ...]:
        """Addresses along the cable of each branch, nearest first; a branch is a string unless the file says more."""
        if self.branch_order:
            return self.branch_order
        installation = self.installation
        return tuple(tuple(installation.addresses_of(string)) for string in range(1, self.strings + 1))

    @property
    def channels(self) -> tuple[Channel, ...]:
        """On which ways somebody in this room can be told."""
        if self.inbox is None:
            return ()
        return tuple(channel for channel in Channel if channel is not Channel.SMS or self.com2 == "modem")

    @property
    def first_load_w(self) -> float:
        """Load at the start, W; unless given, what empties the battery at 0.4 C10."""
        if self.load_w is not None:
            return self.load_w
        return 0.4 * self.modules * self.block.nominal_v * self.block.capacity_ah

    @classmethod
    def from_toml(cls, path: Path) -> "RoomConfig":
        """Reads a room file; ConfigError names file, table, key and what is allowed."""
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: not TOML: {error}") from None
        try:
            values = _read(document)
            block = {name: values.pop(name) for name in ("nominal_v", "capacity_ah", "technology") if name in values}
            inbox = {name: values.pop(f"inbox_{name}") for name in INBOX_KEYS if f"inbox_{name}" in values}
            receives = inbox.pop("on", False)
            return cls(block=BlockType(**block), inbox=InboxPorts(**inbox) if receives else None, **values)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None


def parse_revision(text: str, where: str = "revision") -> tuple[int, int]:
    """`2.1` as (2, 1); ConfigError if it is not two numbers of 0 to 255."""
    parts = text.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and int(part) <= 255 for part in parts):
        raise ConfigError(f"{where} = {text!r}: two numbers of 0 to 255 with a point between them, as 2.1")
    return int(parts[0]), int(parts[1])


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of the file: the field it fills, and a check that returns the value or None if it is not allowed."""

    name: str
    check: Callable[[Any], Any]
    allowed: str


def _one_of(*choices: Any) -> tuple[Callable[[Any], Any], str]:
    return (lambda value: value if value in choices else None), ", ".join(str(choice) for choice in choices)


def _number(low: float, high: float) -> tuple[Callable[[Any], Any], str]:
    def check(value: Any) -> float | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and low <= value <= high else None

    return check, f"{low:g} to {high:g}"


def _whole(low: int, high: int) -> tuple[Callable[[Any], Any], str]:
    def check(value: Any) -> int | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole and low <= value <= high else None

    return check, f"a whole number, {low} to {high}"


def _kind(kind: type, allowed: str) -> tuple[Callable[[Any], Any], str]:
    return (lambda value: value if isinstance(value, kind) else None), allowed


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _branches(value: Any) -> tuple[tuple[int, ...], ...] | None:
    if not isinstance(value, list) or not all(isinstance(branch, list) for branch in value):
        return None
    if not all(isinstance(address, int) for branch in value for address in branch):
        return None
    return tuple(tuple(branch) for branch in value)


_KEYS: Mapping[str, Mapping[str, _Key]] = {
    "room": {
        "modules": _Key("modules", *_whole(1, 256)),
        "strings": _Key("strings", *_whole(1, 10)),
        "start": _Key("start", *_one_of("settled", "fresh")),
        "noise": _Key("noise", *_one_of("low", "high")),
        "speed": _Key("speed", *_number(*SPEEDS)),
        "seed": _Key("seed", *_whole(0, 2**32 - 1)),
        "state": _Key("state", *_kind(str, "the path of a file that a simulation has left")),
        "play": _Key("play", *_kind(str, "the name of a scenario, or the path of its .toml file")),
        "not_before": _Key("not_before", _moment, "a date and time, as 2026-01-31T12:00:00Z"),
    },
    "block": {
        "nominal_v": _Key("nominal_v", *_one_of(2, 4, 6, 12)),
        "capacity_ah": _Key("capacity_ah", *_number(7, 5000)),
        "technology": _Key("technology", *_one_of("AGM", "GEL", "OPZV")),
    },
    "module": {
        "type": _Key("module_type", *_one_of(*MODULE_TYPES)),
        "revision": _Key("revision", *_kind(str, 'text, as "2.1"')),
        "firmware": _Key("firmware", *_kind(str, 'text, as "1.7"')),
    },
    "bus": {
        "baud": _Key("baud", *_one_of(*BAUDS)),
        "order": _Key("branch_order", _branches, "a list of addresses for each branch"),
    },
    "com2": {
        "device": _Key("com2", *_one_of("nothing", "modem")),
    },
    "inbox": {
        "on": _Key("inbox_on", *_kind(bool, "true, false")),
        "bind": _Key("inbox_bind", *_kind(str, "an address of this host")),
        **{name: _Key(f"inbox_{name}", *_whole(0, 65535)) for name in NETWORK_CHANNELS},
    },
    "surroundings": {
        "ambient_c": _Key("ambient_c", *_number(-20, 60)),
        "rack_k": _Key("rack_k", *_number(0, 20)),
    },
    "supply": {
        "mains": _Key("mains", *_kind(bool, "true, false")),
        "load_w": _Key("load_w", *_number(0, 1e7)),
        "float_v_per_cell": _Key("float_v_per_cell", *_number(2.0, 2.6)),
        "current_limit_a": _Key("current_limit_a", *_number(0.1, 10_000)),
    },
}


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for table, content in document.items():
        keys = _KEYS.get(table)
        if keys is None or not isinstance(content, dict):
            raise ConfigError(f"table [{table}] is not known: {', '.join(_KEYS)}")
        for name, given in content.items():
            key = keys.get(name)
            if key is None:
                raise ConfigError(f"[{table}] {name} is not known: {', '.join(keys)}")
            value = key.check(given)
            if value is None:
                raise ConfigError(f"[{table}] {name} = {given!r}: allowed is {key.allowed}")
            values[key.name] = value
    return values
