"""What parts of the device count, on its way to whoever publishes it: a name, a value, and what it belongs to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Count:
    """One figure of now; NaN = not known. `name` is a row of the table of metrics, `labels` say whose it is."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING)


Counting = Callable[[], Sequence[Count]]
"""Gives what a part has counted; cheap, and never raises."""
