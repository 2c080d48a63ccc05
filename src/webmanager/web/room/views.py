"""What the battery room's page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from webmanager.web.frame.views import Shell


@dataclass(frozen=True, slots=True)
class KindView:
    """A fault one can choose; `target` says where it can strike."""

    kind: str
    title: str
    target: str
    default: str
    unit: str
    help: str


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario one can play."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RoomView:
    """The battery room's page; its figures come with the first answer of the API, `error` says why there is none."""

    shell: Shell
    strings: Sequence[int]
    per_string: int
    kinds: Sequence[KindView]
    scenarios: Sequence[ScenarioView]
    speeds: Sequence[int]
    greatest_load_kw: float
    error: str = ""
