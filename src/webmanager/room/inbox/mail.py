"""A mail server that keeps what it is given."""

import asyncio
import email
import email.policy
import socket
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from webmanager.room.inbox.arrivals import LONGEST_TEXT, Channel, Conduct, Letter, Taker

LARGEST_MAIL = 2 * 1024 * 1024
IDLE_S = 60.0
MOST_SESSIONS = 20


class MailServer:
    """Speaks SMTP without TLS or login; refusing is 550 for every receiver."""

    def __init__(self, conduct: Conduct, taker: Taker) -> None:
        self._conduct = conduct
        self._taker = taker
        self._sessions: set[SMTP] = set()
        self._kept = 0

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Listens on a bound socket."""
        return await asyncio.get_running_loop().create_server(self._session, sock=listener)

    def close(self) -> None:
        """Hangs up on everybody."""
        for session in self._sessions:
            _hang_up(session)
        self._sessions.clear()

    async def handle_RCPT(  # noqa: N802 -- the name aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """A receiver of the mail to come."""
        if self._conduct.refuses:
            self._taker.refused(Channel.MAIL)
            return "550 5.7.1 this server refuses mail"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself; it has arrived when it is answered."""
        await asyncio.sleep(self._conduct.slow_s)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._taker.take(read_mail(content, envelope.mail_from or ""))
        self._kept += 1
        return f"250 2.0.0 kept as {self._kept}"

    def _session(self) -> SMTP:
        self._sessions = {session for session in self._sessions if session.transport is not None}
        while len(self._sessions) >= MOST_SESSIONS:
            _hang_up(self._sessions.pop())
        session = SMTP(
            self,
            hostname="mail.room",
            data_size_limit=LARGEST_MAIL,
            timeout=IDLE_S,
            loop=asyncio.get_running_loop(),
        )
        self._sessions.add(session)
        return session


def _hang_up(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()


def read_mail(content: bytes, sender: str) -> Letter:
    """Subject, plain text and whether there is a picture; a mail that is none still has its bytes as text."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 -- what the default policy makes
    try:
        body = mail.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")[:LONGEST_TEXT]
    has_picture = any(part.get_content_maintype() == "image" for part in mail.walk())
    return Letter(Channel.MAIL, sender, str(mail.get("Subject", "")), str(text).strip(), has_picture)
