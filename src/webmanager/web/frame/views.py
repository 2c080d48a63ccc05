"""What each page shows: one frozen value per page. A template gets nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
class ErrorView:
    """What went wrong with a page, in one line."""

    shell: Shell
    status: int
    title: str
    detail: str
