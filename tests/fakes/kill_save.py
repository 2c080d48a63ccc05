"""A process that is killed in the middle of saving settings: `python kill_save.py DIRECTORY NAME [STEP]`.

It saves a configuration whose name of the device is NAME, and kills itself with SIGKILL before the STEP-th thing the
save does to the disk (each piece of a file it writes is one). Without STEP it saves and prints the number of steps.
"""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

from webmanager.settings.desk import SettingsDesk

PIECES = 4


class Steps:
    """Counts what is done to the disk, and ends the process before one of them."""

    def __init__(self, last: int | None) -> None:
        self.done, self._last = 0, last

    def next(self) -> None:
        self.done += 1
        if self.done == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(self, call: Any) -> Any:
        def counting(*arguments: Any, **options: Any) -> Any:
            self.next()
            return call(*arguments, **options)

        return counting


class Piecewise(io.TextIOWrapper):
    """Writes a text in pieces that reach the disk one by one."""

    steps: Steps

    def write(self, text: str) -> int:
        size = max(1, -(-len(text) // PIECES))
        for start in range(0, len(text), size):
            self.steps.next()
            super().write(text[start : start + size])
            super().flush()
        return len(text)


def piecewise(steps: Steps) -> Any:
    """In place of `os.fdopen`."""

    def fdopen(descriptor: int, mode: str, encoding: str) -> Piecewise:
        file = Piecewise(open(descriptor, "wb", buffering=0), encoding=encoding, write_through=True)  # noqa: SIM115
        file.steps = steps
        return file

    return fdopen


def main(directory: Path, name: str, last: int | None) -> None:
    """Applies, saves, and tells the number of steps."""
    desk = SettingsDesk.open(directory)
    desk.apply("installation", {"name": name}, "admin", 1.0)
    steps = Steps(last)
    for call in ("open", "fsync", "replace", "close", "unlink"):
        setattr(os, call, steps.counted(getattr(os, call)))
    os.fdopen = piecewise(steps)
    desk.save("admin", 1.0)
    print(steps.done)


def each_step(directory: Path, name: str, verdict: Any) -> int:
    """Forks one process a step, each killed before it; calls `verdict(step)` after each. The number of steps."""
    step = 0
    while True:
        step += 1
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            main(directory, name, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        verdict(step)
        if not os.WIFSIGNALED(status):
            return step - 1


if __name__ == "__main__":
    where, wanted = Path(sys.argv[1]), sys.argv[2]

    def report(step: int) -> None:
        found = SettingsDesk.open(where)
        print(step, found.applied.installation.name, found.trouble or "-", sep="\t", flush=True)
        for path in where.glob("settings*.toml"):
            path.unlink()
        SettingsDesk.open(where)
        prepared = SettingsDesk.open(where)
        prepared.apply("installation", {"name": "old"}, "admin", 1.0)
        prepared.save("admin", 1.0)

    report(0)
    each_step(where, wanted, report)
