"""A real SMTP server (aiosmtpd) that can be told to misbehave."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from fakes.tls import Authority


class MailServer:
    """Keeps what it has accepted. `refusals` are answers to RCPT by address, used up one by one; so is `at_data`."""

    def __init__(self) -> None:
        self.accepted: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.refusals: dict[str, list[str]] = {}
        self.at_data: list[str] = []
        self.tries = 0
        self.port = 0
        self.released = asyncio.Event()

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(envelope.content, policy=email.policy.default)  # type: ignore[arg-type]
            for envelope in self.accepted
        ]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusals.get(address):
            return self.refusals[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.tries += 1
        order = self.at_data.pop(0) if self.at_data else ""
        if order == "drop":
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if order == "slow":
            await self.released.wait()
        elif order:
            return order
        self.accepted.append(envelope)
        return f"250 queued as {len(self.accepted)}"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        good = (data.login, data.password) == (b"cellar", b"s3cret")
        return AuthResult(success=good, handled=good)


@asynccontextmanager
async def mail_server(
    authority: Authority | None = None, *, implicit_tls: bool = False, login: bool = False
) -> AsyncIterator[MailServer]:
    """Runs on a free port of loopback; with an authority it offers STARTTLS, or speaks TLS at once."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    protocols: list[SMTP] = []

    def connect() -> SMTP:
        protocols.append(
            SMTP(
                handler,
                hostname="mail.test",
                loop=loop,
                tls_context=authority.server_context() if authority and not implicit_tls else None,
                require_starttls=authority is not None and not implicit_tls,
                authenticator=handler.authenticate if login else None,
                auth_required=login,
                auth_require_tls=not implicit_tls,
            )
        )
        return protocols[-1]

    context = authority.server_context() if authority and implicit_tls else None
    server = await loop.create_server(connect, "127.0.0.1", 0, ssl=context)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        handler.released.set()
        server.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)
