"""A process that writes to the store as fast as it can, until it is killed; and the one that kills it.

`python kill_target.py DIRECTORY KILLS SEED` starts a writer KILLS times (by fork, so that Python need not be started
each time), kills it with SIGKILL at a random moment, and prints for each the last minute it had acknowledged.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from webmanager.store.columns import Layout
from webmanager.store.compaction import Compaction
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_write
from webmanager.store.rows import MinuteRow

LAYOUT = Layout(32, 1)
FIRST = 28_333_440
STEP = 20
SECTORS = 96


def values(minute: int) -> np.ndarray:
    """What is written in a minute."""
    row = (np.arange(LAYOUT.columns) * 31 + minute * 7) % 1_000 + 13_000
    row[-1] = 1
    return row.astype(np.int16)


def write_until_killed(directory: Path, acknowledged: int) -> None:
    """Goes on where the store ends; tells the number of each minute once it is safe."""
    medium = open_to_write(directory, SECTORS)
    ledger = Ledger(medium.flash)
    compaction = Compaction(ledger)
    minute = FIRST if ledger.last_minute is None else ledger.last_minute + STEP
    while True:
        ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
        ledger.sync()
        os.write(acknowledged, minute.to_bytes(8, "little"))
        minute += STEP
        for _ in compaction.steps():
            pass


def kill_once(directory: Path, after_s: float) -> int:
    """Starts a writer, kills it, and gives the last minute it acknowledged (0: none)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            write_until_killed(directory, writer)
        finally:
            os._exit(3)
    os.close(writer)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    told = b""
    while piece := os.read(reader, 65_536):
        told += piece
    os.close(reader)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the writer ended by itself")
    whole = len(told) // 8 * 8
    return int.from_bytes(told[whole - 8 : whole], "little") if whole else 0


def main() -> None:
    directory, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    draw = random.Random(seed)
    for _ in range(kills):
        print(kill_once(directory, draw.uniform(0.01, 0.25)), flush=True)


if __name__ == "__main__":
    main()
