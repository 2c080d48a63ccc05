"""The faults in the room: put in, listed, repaired. What is broken is always worked out anew from what is whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import Installation
from webmanager.domain.reading import Floats
from webmanager.room.fault_kinds import KINDS, LATER, FaultKind, FaultValue, Parts, Target

_BREAKABLE = (
    "cells",
    "q_ah",
    "r0_ohm",
    "rc_ohm",
    "ig0_a",
    "leak_s",
    "link_ohm",
    "heat_capacity_jk",
    "cooling_w_k",
    "rack_k",
)
"""Quantities of the batteries that faults change."""


TARGETS = ("address", "string", "channel", "bus", "target")
"""How a request may name its target."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `target` numbers an address, a string or a channel, None = charger or bus; `since_s` device time."""

    id: int
    kind: FaultKind
    target: int | None
    where: str
    value: FaultValue
    since_s: float


class Faults:
    """All faults of one room. Each change puts every part back to whole and applies what is left, in order.

    So any number of faults on one battery work together, and a repair leaves exactly what was there before.
    """

    def __init__(self, installation: Installation, parts: Parts) -> None:
        self._installation = installation
        self._parts = parts
        self._faults: dict[int, Fault] = {}
        self._last_id = 0
        self._whole: Mapping[str, Floats] = {}
        self.take_as_whole()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults.values()))

    def __len__(self) -> int:
        return len(self._faults)

    def take_as_whole(self) -> None:
        """The batteries as they are now are what a repair leads back to; only while nothing is broken."""
        self._whole = {name: getattr(self._parts.batteries, name).copy() for name in _BREAKABLE}

    def add(self, request: Mapping[str, Any], now_s: float) -> Fault:
        """Breaks something: `{kind, one of TARGETS, value}`; ConfigError lists what is allowed."""
        kind, target, value = self.check(request)
        self._last_id += 1
        fault = Fault(self._last_id, kind, target, self._where(kind, target), value, now_s)
        self._faults[fault.id] = fault
        self._apply()
        return fault

    def check(self, request: Mapping[str, Any]) -> tuple[FaultKind, int | None, FaultValue]:
        """Kind, target and value of a request, nothing broken yet; ConfigError lists what is allowed."""
        kind = _kind_of(request.get("kind"))
        return kind, self._target_of(kind, request), kind.check(request.get("value"))

    def remove(self, fault_id: int) -> Fault:
        """Repairs something; KeyError if there is no such fault."""
        fault = self._faults.pop(fault_id)
        self._apply()
        if fault.kind.kind == "module_destroyed" and fault.target is not None:
            self._parts.modules.replace(fault.target - 1)
        return fault

    def follow(self) -> None:
        """Before each step: renews the effects that change with the state of the batteries."""
        parts = self._parts
        if any(fault.kind.is_moving for fault in self._faults.values()):
            self._apply()
        works = parts.charger.mains and not parts.charger.off
        parts.batteries.ripple_a = parts.ripple_a if works else 0.0

    def _apply(self) -> None:
        parts = self._parts
        for name, values in self._whole.items():
            setattr(parts.batteries, name, values)
        parts.cable.mend()
        parts.odd_revisions.clear()
        parts.modules.attention.dead[:] = False
        parts.charger.off = False
        parts.charger.overvoltage_v_per_cell = None
        parts.ripple_a = 0.0
        for conduct in parts.receivers.values():
            conduct.mend()
        for fault in self._faults.values():
            fault.kind.effect(parts, -1 if fault.target is None else fault.target - 1, fault.value)
        parts.modules.exchange(parts.odd_revisions)

    def _target_of(self, kind: FaultKind, request: Mapping[str, Any]) -> int | None:
        wanted = kind.target
        given = {name: request[name] for name in TARGETS if request.get(name) is not None}
        if "target" in given and isinstance(given["target"], Mapping):
            given = dict(given["target"])
        if len(given) > 1:
            raise ConfigError(f"{kind.kind}: one target only, not {' and '.join(given)}")
        name, value = next(iter(given.items()), ("target", None))
        if value is None or name == "bus" or value in ("bus", "charger"):
            said = "bus" if name == "bus" or value == "bus" else value
            self._check_whole(kind, said)
            return None
        if wanted in (Target.ADDRESS, Target.ADDRESS_OR_BUS) and name in ("address", "target"):
            return self._address_of(kind, value)
        if wanted is Target.CHANNEL and name in ("channel", "target") and value in self._channels:
            return self._channels.index(str(value)) + 1
        if wanted is Target.STRING and name in ("string", "target"):
            return _number_within(kind, "string", value, self._installation.strings)
        raise ConfigError(f"{kind.kind} has no target {name} {value!r}: {self._allowed(kind)}")

    def _check_whole(self, kind: FaultKind, said: object) -> None:
        fits = {
            Target.CHARGER: said in (None, "charger"),
            Target.BUS: said in (None, "bus"),
            Target.ADDRESS_OR_BUS: said in (None, "bus"),
        }
        if not fits.get(kind.target, False):
            what = "needs a target" if said is None else f"has no target {said!r}"
            raise ConfigError(f"{kind.kind} {what}: {self._allowed(kind)}")

    @property
    def _channels(self) -> list[str]:
        return [channel.value for channel in self._parts.receivers]

    def _address_of(self, kind: FaultKind, value: object) -> int:
        if isinstance(value, str) and value in self._installation.names:
            return self._installation.names.index(value) + 1
        return _number_within(kind, "address", value, self._installation.modules)

    def _allowed(self, kind: FaultKind) -> str:
        addresses = f"address 1 to {self._installation.modules}"
        return {
            Target.ADDRESS: addresses,
            Target.STRING: f"string 1 to {self._installation.strings}",
            Target.ADDRESS_OR_BUS: f"{addresses}, or bus",
            Target.CHANNEL: f"channel {', '.join(self._channels) or '... but nobody receives in this room'}",
        }.get(kind.target, kind.target.value)

    def _where(self, kind: FaultKind, target: int | None) -> str:
        if target is None:
            return "charger" if kind.target is Target.CHARGER else "bus"
        if kind.target is Target.STRING:
            return f"string {target}"
        if kind.target is Target.CHANNEL:
            return self._channels[target - 1]
        name = self._installation.names[target - 1]
        return f"behind {name}" if kind.kind == "bus_break" else name


def _kind_of(name: object) -> FaultKind:
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    if isinstance(name, str) and name in LATER:
        raise ConfigError(f"{name} needs {LATER[name]}, which this room does not simulate yet")
    raise ConfigError(f"fault {name!r} is not known: {', '.join(KINDS)}")


def _number_within(kind: FaultKind, name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ConfigError(f"{kind.kind}: {name} {value!r} is not there: 1 to {most}")
    return value
