"""Email over one server: STARTTLS, TLS or plain; text, HTML and a picture; the server's reply is the proof."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

import aiosmtplib

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.engine.notify_ports import Curve, Message, Trend
from webmanager.notify.message import Device, compose, one_line
from webmanager.notify.picture import draw
from webmanager.notify.receipts import Receipts
from webmanager.notify.tls import tls_context
from webmanager.settings.destinations_model import MailReceiver

PICTURE_ID = "trend"
TREND_TIMEOUT_S = 2.0
QUIT_TIMEOUT_S = 2.0


class MailNotifier:
    """One server and its receivers. A connection a message: what is rare needs no open line."""

    def __init__(
        self,
        settings: MailReceiver,
        device: Callable[[], Device],
        trend: Trend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._device = device
        self._trend = trend
        self._tls = tls
        self._receipts = Receipts()

    async def send(self, message: Message) -> str:
        """Delivers to each receiver once, also over several tries; the proof is the server's reply to the text."""
        receivers = self._settings.to
        missing = self._receipts.missing(message.key, receivers)
        mail = build_mail(message, self._settings, self._device(), await self._curve(message))
        failures: dict[str, str] = {}
        if missing:
            failures = await self._hand_over(message.key, mail, missing)
        return self._receipts.settle(message.key, receivers, failures)

    async def _hand_over(self, key: str, mail: EmailMessage, receivers: list[str]) -> dict[str, str]:
        """One session; notes who has it and who will never, returns who may get it at the next try."""
        try:
            client = await self._connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(f"{self._settings.server}: {_words(error)}") from None
        try:
            refused, reply = await client.send_message(mail, sender=self._settings.sender, recipients=receivers)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused, reply = (
                {one.recipient: aiosmtplib.SMTPResponse(one.code, one.message) for one in error.recipients},
                "",
            )
        except aiosmtplib.SMTPResponseException as error:
            kind = RefusedError if 500 <= error.code < 600 else DeliveryError
            raise kind(f"{self._settings.server}: {_words(error)}") from None
        except aiosmtplib.SMTPNotSupported as error:
            raise RefusedError(f"{self._settings.server}: {_words(error)}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._settings.server}: {_words(error)}") from None
        else:
            await _leave(client)
        finally:
            client.close()
        return self._note(key, receivers, refused, reply)

    def _note(
        self, key: str, receivers: list[str], refused: dict[str, aiosmtplib.SMTPResponse], reply: str
    ) -> dict[str, str]:
        failures = {}
        for receiver in receivers:
            answer = refused.get(receiver)
            if answer is None:
                self._receipts.took(key, receiver, one_line(f"250 {reply}", 200))
            elif 500 <= answer.code < 600:
                self._receipts.refused(key, receiver, one_line(f"{answer.code} {answer.message}", 200))
            else:
                failures[receiver] = one_line(f"{answer.code} {answer.message}", 200)
        return failures

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        secure = settings.security != "none"
        client = aiosmtplib.SMTP(
            hostname=settings.server,
            port=settings.port,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._context() if secure else None,
            username=settings.user or None,
            password=settings.password.get_secret_value() if settings.user else None,
            timeout=settings.timeout_s,
            local_hostname="webmanager",
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = tls_context(self._settings.ca_file)
        return self._tls

    async def _curve(self, message: Message) -> Curve | None:
        """The last 24 h of what the newest event is about; a slow store costs two seconds, never the mail."""
        if self._trend is None or not self._settings.picture:
            return None
        with suppress(TimeoutError, Exception):
            async with asyncio.timeout(TREND_TIMEOUT_S):
                return await self._trend.last_day(message.event.source, message.event.kind, message.event.at)
        return None


def build_mail(message: Message, settings: MailReceiver, device: Device, curve: Curve | None) -> EmailMessage:
    """The whole mail. Its Message-ID depends on the message alone, so that a receiver can tell a repetition."""
    words = compose(message, device, curve, PICTURE_ID if curve else "")
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["Subject"] = words.subject
    mail["From"] = Address(display_name=one_line(device.name, 60), addr_spec=settings.sender)
    mail["To"] = [Address(addr_spec=address) for address in settings.to]
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.at, UTC))
    digest = hashlib.sha256(f"{message.key} {message.at} {device.name}".encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{settings.sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words.text)
    mail.add_alternative(words.html, subtype="html")
    if curve:
        html = mail.get_payload()[1]  # type: ignore[index]
        picture = draw(curve, message.event.at)
        html.add_related(picture, "image", "png", cid=f"<{PICTURE_ID}>", filename="trend.png")  # type: ignore[union-attr]
    return mail


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Says goodbye; what the server makes of that changes nothing any more."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=QUIT_TIMEOUT_S)


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return one_line(f"{error.code} {error.message}", 200)
    return one_line(str(error) or type(error).__name__, 200)
