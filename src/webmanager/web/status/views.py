"""What the status page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from webmanager.web.frame.views import Shell
from webmanager.web.looks.judge import Quantity


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure beside the verdict; `key` is how scripts find it."""

    key: str
    label: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class CellView:
    """One battery on the map: its look, the look of its worst other quantity, and the bar in a box of 1 x 40."""

    address: int
    position: int
    look: str
    other: str
    label: str
    y: float
    height: float
    is_selected: bool


@dataclass(frozen=True, slots=True)
class BandView:
    """One string on the map, figures as text; `rows` are its cells, at most 32 to a row."""

    string: int
    state: str
    answering: int
    batteries: int
    is_complete: bool
    current: str
    total: str
    average: str
    spread: str
    rows: Sequence[Sequence[CellView]]


@dataclass(frozen=True, slots=True)
class RowView:
    """One battery in the table, figures as text; `equalizing` is the exact duty behind the band's name."""

    address: int
    name: str
    voltage: str
    temperature: str
    ri: str
    equalizing: str
    band: str
    look: str
    word: str
    age: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class BatteryView:
    """The chosen battery as far as it can be shown without scripts."""

    address: int
    name: str
    look: str
    word: str
    why: str
    voltage: str
    reference: str
    temperature: str
    ri: str
    equalizing: str
    band: str
    answered: str
    module: str
    serial: str
    firmware: str
    charges: int
    discharges: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """BACS status: the verdict, then the map or the table, and one battery."""

    shell: Shell
    look: str
    verdict: str
    news: str
    worst: str
    facts: Sequence[Fact]
    quantities: Sequence[Quantity]
    quantity: Quantity
    view: str
    show: str
    modules: int
    per_string: int
    columns: int
    ruler: Sequence[int]
    bands: Sequence[BandView]
    rows: Sequence[RowView]
    block: str
    battery: BatteryView | None = None
