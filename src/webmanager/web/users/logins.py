"""What an admin does with users, tokens and sessions: the rules, what follows from each change, and the audit line."""

from aiohttp import web

from webmanager.web.accounts import audit
from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.tokens import Token
from webmanager.web.guard.auth import CALLER, Caller
from webmanager.web.http.problem import Problem, refused
from webmanager.web.site.site import SITE, Site


async def add_user(request: web.Request, name: str, role: Role, password: str) -> User:
    """A new user; Problem 422 with the field and why it cannot be."""
    site, caller = _who(request)
    user = await site.users.add(name, role, password)
    site.audit.note(audit.USERS, f"User {name} was added as {role.word}.", caller.by)
    return user


async def change_user(request: web.Request, name: str, role: Role | None, password: str | None) -> User:
    """Another role or a new password for somebody else; every login of that user ends."""
    site, caller = _who(request)
    user = _other(site, caller, name, "change your own password on the page Password; your role is changed by others")
    if password is not None:
        objection = site.users.objection(name, password)
        if objection is not None:
            raise refused("password", objection)
    if role is not None and role is not user.role:
        user = await site.users.set_role(name, role)
        site.audit.note(audit.USERS, f"User {name} is {role.word} now.", caller.by)
    if password is not None:
        await site.users.change(name, password)
        site.audit.note(audit.USERS, f"User {name} has a new password.", caller.by)
    site.sessions.close_all_of(name)
    return user


async def delete_user(request: web.Request, name: str) -> None:
    """Ends a user with every session and token."""
    site, caller = _who(request)
    _other(site, caller, name, "nobody can delete themselves: another admin has to")
    await site.users.delete(name)
    site.sessions.close_all_of(name)
    gone = await site.tokens.revoke_all_of(name)
    also = f" and with it {len(gone)} API tokens" if gone else ""
    site.audit.note(audit.USERS, f"User {name} was deleted{also}.", caller.by)


async def make_token(request: web.Request, name: str, role: Role, days: int) -> tuple[str, Token]:
    """A token of the caller, and its secret for this once."""
    site, caller = _who(request)
    secret, token = await site.tokens.make(name, caller.user, role, days)
    site.audit.note(audit.TOKENS, f"API token {name} was made: {role.word} for {days} days.", caller.by)
    return secret, token


async def revoke_token(request: web.Request, id: str) -> None:
    """Ends a token; Problem 404 if there is none."""
    site, caller = _who(request)
    token = await site.tokens.revoke(id)
    if token is None:
        raise Problem(404, "there is no such token")
    site.audit.note(audit.TOKENS, f"API token {token.name} of {token.owner} was revoked.", caller.by)


def end_session(request: web.Request, id: str) -> None:
    """Ends a session, also one's own; Problem 404 if there is none."""
    site, caller = _who(request)
    session = site.sessions.close_by_id(id)
    if session is None:
        raise Problem(404, "there is no such session")
    text = f"The session of {session.user.name} from {session.source or 'unknown'} was ended."
    site.audit.note(audit.SESSIONS, text, caller.by)


def role_of(word: str) -> Role:
    """A role by its word; Problem 422 if there is none."""
    found = next((role for role in Role if role.word == word), None)
    if found is None:
        raise refused("role", f"{word[:32]!r} is no role: {', '.join(role.word for role in Role)}")
    return found


def _who(request: web.Request) -> tuple[Site, Caller]:
    return request.app[SITE], request[CALLER]


def _other(site: Site, caller: Caller, name: str, objection: str) -> User:
    user = site.users.find(name)
    if user is None:
        raise Problem(404, f"there is no user {name[:32]!r}")
    if name == caller.user.name:
        raise refused("name", objection)
    return user
