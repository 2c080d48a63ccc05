"""A web address that takes JSON. Only configured addresses, no redirects, nothing of this host or its own link."""

import asyncio
import hashlib
import hmac
import json
import math
import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from webmanager.domain.addresses import is_literal, require_outside
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.events import Event
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import Device, moment, one_line
from webmanager.notify.tls import tls_context
from webmanager.settings.destinations_model import WebhookReceiver

LONGEST_ANSWER = 4096
WORTH_A_RETRY = frozenset({408, 425, 429})


class WebhookNotifier:
    """One address; a session a message."""

    def __init__(
        self, settings: WebhookReceiver, device: Callable[[], Device], tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._device = device
        self._tls = tls

    async def send(self, message: Message) -> str:
        """Posts the message; the proof is the status and the first words of the answer."""
        host = urlsplit(self._settings.url).hostname or ""
        if not self._settings.allow_local and is_literal(host):
            require_outside(host)
        body = json.dumps(document(message, self._device()), ensure_ascii=False).encode("utf-8")
        resolver = ThreadedResolver() if self._settings.allow_local else OutsideResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, ssl=self._context(), use_dns_cache=False, force_close=True)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.post(
                    self._settings.url, data=body, headers=self._headers(message, body), allow_redirects=False
                ) as response,
            ):
                answer = await response.content.read(LONGEST_ANSWER)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryError(one_line(str(error) or type(error).__name__, 200)) from None
        return _judge(response.status, one_line(answer.decode("utf-8", "replace"), 120))

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "webmanager",
            "Idempotency-Key": hashlib.sha256(message.key.encode()).hexdigest()[:32],
        }
        token, secret = self._settings.token.get_secret_value(), self._settings.secret.get_secret_value()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if secret:
            headers["X-Webmanager-Signature"] = f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
        return headers

    def _context(self) -> ssl.SSLContext | bool:
        if not self._settings.ca_file and self._tls is None:
            return True
        if self._tls is None:
            self._tls = tls_context(self._settings.ca_file)
        return self._tls


class OutsideResolver(AbstractResolver):
    """Resolves names and lets no address of this host or its own link through, whatever the name server says."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        for *_, address in found:
            require_outside(str(address[0]))
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


def document(message: Message, device: Device) -> dict[str, Any]:
    """The body: who speaks, the words of the job, and every event. Unknown is null."""
    return {
        "device": {"name": device.name, "location": device.location, "version": device.version},
        "job": message.job,
        "verb": message.verb.value,
        "ended": message.ended,
        "text": message.text or message.event.text,
        "events": [_event(event) for event in message.events],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": moment(event.at).replace(" UTC", "Z").replace(" ", "T"),
        "kind": event.kind,
        "change": event.change.value,
        "severity": event.severity.word,
        "source": {"name": event.source.name, "string": event.source.string, "address": event.source.address},
        "text": event.text,
        "advice": event.advice,
        "value": _figure(event.value),
        "limit": _figure(event.limit),
        "unit": event.unit,
        "alarm": event.alarm,
        "affected": list(event.affected),
    }


def _figure(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _judge(status: int, answer: str) -> str:
    words = f"HTTP {status} {answer}".rstrip()
    if 200 <= status < 300:
        return words
    if 300 <= status < 400:
        raise RefusedError(f"{words}: redirects are not followed")
    if 400 <= status < 500 and status not in WORTH_A_RETRY:
        raise RefusedError(words)
    raise DeliveryError(words)
