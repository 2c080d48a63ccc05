"""What the login page and the page of one's own password show."""

from dataclasses import dataclass, field

from webmanager.web.frame.views import Shell


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
