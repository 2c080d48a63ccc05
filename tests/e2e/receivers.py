"""Receivers of messages in threads of their own: a mail server, and ears for traps and RCCMD datagrams."""

import email
import email.policy
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from e2e.demo_process import free_port


class MailBox:
    """A real SMTP server (aiosmtpd); `mails` is what it has accepted."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return f"250 queued as {len(self.mails)}"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._controller.stop()


@dataclass
class Ear:
    """Takes UDP datagrams; `heard` is what came, `at_s` when (monotonic)."""

    heard: list[bytes] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(timeout=10)
        self._socket.close()

    def _listen(self) -> None:
        while data := self._socket.recv(65_536):
            self.at_s.append(time.monotonic())
            self.heard.append(data)

    def texts(self, *words: str) -> list[str]:
        """Which of these words stand in each datagram."""
        return [" ".join(word for word in words if word.encode() in data) for data in self.heard]


class Receivers:
    """One of each kind, and the settings with which a device tells them `changes` of every alarm."""

    def __init__(self) -> None:
        self.mail, self.trap, self.rccmd = MailBox(), Ear(), Ear()
        self._parts = (self.mail, self.trap, self.rccmd)

    def __enter__(self) -> Self:
        for part in self._parts:
            part.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        for part in self._parts:
            part.__exit__(*error)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Emails, traps and RCCMD messages so far."""
        return len(self.mail.mails), len(self.trap.heard), len(self.rccmd.heard)

    def counts_of(self, *words: str) -> tuple[int, int, int]:
        """The same of those that speak of one of these things."""
        mails = sum(any(word in subject for word in words) for subject in self.mail.subjects)
        return mails, *(sum(map(bool, ear.texts(*words))) for ear in (self.trap, self.rccmd))  # type: ignore[return-value]

    def settings(self, *changes: str, extra: str = "") -> str:
        """The tables of `settings.toml`."""
        told = ", ".join(f'"{change}"' for change in changes)
        return f"""
[[notify.receivers]]
type = "mail"
name = "mail"
server = "127.0.0.1"
port = {self.mail.port}
security = "none"
sender = "device@cellar.example"
to = ["keeper@cellar.example"]

[[notify.receivers]]
type = "trap"
name = "trap"
host = "127.0.0.1"
port = {self.trap.port}

[[notify.receivers]]
type = "rccmd"
name = "rccmd"
receivers = "127.0.0.1"
port = {self.rccmd.port}
{extra}
[[notify.jobs]]
name = "all"
to = ["mail", "trap", "rccmd"]
changes = [{told}]
"""


def within(what: str, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Waits for a condition; fails with the name of what did not happen."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.02)
