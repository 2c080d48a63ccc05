"""What the pages of the settings show."""

from collections.abc import Sequence
from dataclasses import dataclass

from webmanager.web.frame.views import Shell
from webmanager.web.settings.form_views import FormView


@dataclass(frozen=True, slots=True)
class SideItem:
    """One page in the menu of the settings."""

    href: str
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One value that changed, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of the history."""

    number: int
    at: str
    by: str
    what: str
    lines: Sequence[ChangeLine]
    can_undo: bool


@dataclass(frozen=True, slots=True)
class SettingsFrame:
    """What every page of the settings has: menu, what is not saved, what waits for a restart, what just happened.

    `undo` is the number of the change that was just made, 0 for none; `seen` is the newest change this page shows.
    """

    slug: str
    title: str
    side: Sequence[SideItem]
    unsaved: Sequence[str]
    pending: Sequence[str]
    trouble: str
    said: str = ""
    undo: int = 0
    seen: int = 0
    can_restart: bool = False


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link of the page Web Links."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    """A page with a form."""

    shell: Shell
    frame: SettingsFrame
    form: FormView
    links: Sequence[LinkView] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class SaveView:
    """The page Save Configuration."""

    shell: Shell
    frame: SettingsFrame
    lines: Sequence[ChangeLine]
    toml: str = ""
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HistoryOfSettingsView:
    """The page Changes."""

    shell: Shell
    frame: SettingsFrame
    changes: Sequence[ChangeView]
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RestartView:
    """The page while the device restarts; `address` is where it will be, empty for the same place.

    `trial` is how long somebody has to log in there, as text; empty if that does not matter.
    """

    shell: Shell
    title: str
    address: str
    trial: str
