"""What each page shows: one frozen value per page. A template gets nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webmanager.web.judge import Quantity


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page one can go to from every page; `icon` is the data of an SVG path in a box of 24."""

    href: str
    label: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class CountView:
    """How many alarms and warnings are open: in the header of every page."""

    alarm: int
    warning: int


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around every page. `user` and `csrf` are empty before login, `theme` is empty, light or dark.

    `language` is the code of the page's language, `languages` those one can choose, in their own words.
    `zone` is the time zone of the device as browsers know it.
    """

    page: str
    path: str
    device: str
    location: str
    theme: str
    next_theme: str
    user: str
    csrf: str
    nav: Sequence[NavItem]
    is_simulated: bool
    default_password: bool
    may_operate: bool
    words: str
    alarms: CountView | None = None
    language: str = "en"
    languages: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    @property
    def initials(self) -> str:
        """Two letters for the round mark in the header."""
        return self.user[:2]


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


@dataclass(frozen=True, slots=True)
class LoginView:
    """The login page: which device this is, nothing about alarms."""

    shell: Shell
    next: str
    name: str
    note: str
    version: str
    serial: str
    time: str


@dataclass(frozen=True, slots=True)
class PasswordView:
    """The page to change one's own password; `errors` by field."""

    shell: Shell
    must_change: bool
    shortest: int
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorView:
    """What went wrong with a page, in one line."""

    shell: Shell
    status: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class RegistersView:
    """The Modbus register map: where the server listens, its unit, headings and rows of texts."""

    shell: Shell
    address: str
    unit: int
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
