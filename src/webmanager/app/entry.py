"""Entry point of the command: a signal means a clean end from the first moment on, also while all else is loaded."""

import signal
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """The command line; SIGINT and SIGTERM end it with 0 until a command takes them over."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    from webmanager.app.cli import main as run

    run()


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
