"""Starts the demo as a user would, and talks to it as a program would."""

import base64
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, Self

import psutil

LOGIN = base64.b64encode(b"admin:cs121-snmp").decode()


def free_port() -> int:
    """A TCP port nobody listens on, and below those that the system gives to connections of other tests."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class WebProcess:
    """A running program with the web interface on `port`; use it as a context manager, and it leaves nothing behind."""

    def __init__(self, port: int, command: list[str], output: IO[str] | int = subprocess.PIPE) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webmanager", *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.seen: list[psutil.Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remember_children()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=20)

    def remember_children(self) -> list[psutil.Process]:
        """All child processes so far, also those that have lost their parent since."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                if child not in self.seen:
                    self.seen.append(child)
        return self.seen

    def request(self, method: str, path: str, body: object = None, *, login: bool = True) -> tuple[int, Any]:
        """Status and JSON (or text) of one request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": f"Basic {LOGIN}"} if login else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """JSON of a GET that must succeed."""
        status, answer = self.request("GET", path)
        assert status == 200, answer
        return answer

    def until(self, what: str, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Waits for a condition; fails with the name of what did not happen, or at once if the process has ended."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the demo ended: {self.process.communicate()[0]}")
            try:
                if condition():
                    return
            except (ConnectionError, TimeoutError):
                pass
            time.sleep(0.1)
        raise AssertionError(f"not within {timeout_s:g} s: {what}")

    def until_ready(self) -> None:
        """Waits for the first complete scan."""
        self.until("ready", lambda: self.request("GET", "/readyz", login=False)[0] == 200)
        self.remember_children()

    def module(self, address: int) -> dict[str, Any]:
        """One module, as the API shows it."""
        return next(iter(self.get(f"/api/v1/modules/{address}")["modules"]))

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait(timeout=20)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=15)


class DemoProcess(WebProcess):
    """A running `webmanager demo`."""

    def __init__(self, data: Path, *options: str) -> None:
        self.modbus_port = free_port()
        self.snmp_port = free_port()
        port = free_port()
        command = ["demo", "--data", str(data), "--http-port", str(port)]
        ports = ["--modbus-port", str(self.modbus_port), "--snmp-port", str(self.snmp_port)]
        super().__init__(port, [*command, *ports, *options])
