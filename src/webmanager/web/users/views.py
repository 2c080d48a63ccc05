"""What the page Users shows: users, tokens and sessions as texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webmanager.language.spoken import gettext as _
from webmanager.web.accounts.roles import Role
from webmanager.web.accounts.tokens import LONGEST_DAYS
from webmanager.web.accounts.users import SHORTEST
from webmanager.web.frame.views import Shell
from webmanager.web.guard.auth import Caller
from webmanager.web.site.site import Site
from webmanager.web.texts.figures import duration, moment
from webmanager.web.texts.wordbook import Words

ROLES = Words({"viewer": "Viewer", "operator": "Operator", "admin": "Admin"})
MAY = Words(
    {
        "viewer": "sees, changes nothing",
        "operator": "also acknowledges, tests and switches",
        "admin": "everything",
    }
)


@dataclass(frozen=True, slots=True)
class UserView:
    """Somebody who may log in; `is_open` leaves the form of this user open, because it has to be seen."""

    name: str
    role: str
    is_self: bool
    sessions: int
    tokens: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API token; `note` says what is wrong with it, empty if it is valid."""

    id: str
    name: str
    owner: str
    role: str
    expires: str
    used: str
    note: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is logged in."""

    id: str
    user: str
    source: str
    started: str
    idle: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class UsersView:
    """The page *Users*; `secret` is a token just made, `errors` and `typed` are by form and field: `add.name`."""

    shell: Shell
    users: Sequence[UserView]
    tokens: Sequence[TokenView]
    sessions: Sequence[SessionView]
    roles: Mapping[str, str]
    may: Mapping[str, str]
    grantable: Sequence[str]
    shortest: int
    most_days: int
    said: str = ""
    secret: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def users_view(
    site: Site,
    shell: Shell,
    caller: Caller,
    *,
    said: str = "",
    secret: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> UsersView:
    """The page at this moment."""
    return UsersView(
        shell=shell,
        users=_users(site, caller, errors or {}),
        tokens=_tokens(site),
        sessions=_sessions(site, caller),
        roles=ROLES,
        may=MAY,
        grantable=[role.word for role in Role if role <= caller.user.role],
        shortest=SHORTEST,
        most_days=LONGEST_DAYS,
        said=said,
        secret=secret,
        errors=errors or {},
        typed=typed or {},
    )


def _users(site: Site, caller: Caller, errors: Mapping[str, str]) -> list[UserView]:
    sessions = [session.user.name for session in site.sessions.listed]
    owners = [token.owner for token in site.tokens.listed]
    return [
        UserView(
            name=user.name,
            role=user.role.word,
            is_self=user.name == caller.user.name,
            sessions=sessions.count(user.name),
            tokens=owners.count(user.name),
            is_open=any(key.startswith(f"change-{user.name}.") for key in errors),
        )
        for user in site.users.listed
    ]


def _tokens(site: Site) -> list[TokenView]:
    now = site.clock.now()
    return [
        TokenView(
            id=token.id,
            name=token.name,
            owner=token.owner,
            role=token.role.word,
            expires=moment(token.expires_at, site.zone),
            used=_("never") if token.used_at is None else moment(token.used_at, site.zone),
            note="" if token.is_valid(now) else _("expired"),
        )
        for token in site.tokens.listed
    ]


def _sessions(site: Site, caller: Caller) -> list[SessionView]:
    now, now_s = site.clock.now(), site.monotonic()
    return [
        SessionView(
            id=session.id,
            user=session.user.name,
            source=session.source or _("unknown"),
            started=moment(now - (now_s - session.started_s), site.zone),
            idle=duration(now_s - session.seen_s),
            is_own=session is caller.session,
        )
        for session in site.sessions.listed
    ]
