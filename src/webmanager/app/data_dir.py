"""The data directory: private to its owner, and used by one device at a time."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webmanager.domain.errors import ConfigError

PORTS = "run"
LONGEST_SOCKET_PATH = 100
"""A Unix socket's path has 108 bytes; the longest name in the directory of ports takes a few of them."""


def default_data_dir() -> Path:
    """Where the demo keeps its data unless told: a directory under the user's data directory."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "webmanager" / "demo"


def demo_control() -> str:
    """Control interface of the room of a demo that runs on the default data directory."""
    return f"unix:{default_data_dir() / PORTS / 'room.sock'}"


@contextmanager
def claimed(data_dir: Path) -> Iterator[Path]:
    """The directory, made if need be, for this process alone; ConfigError if it cannot be or is in use.

    The lock goes with the process, however that ends.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"{data_dir}: the data directory cannot be used: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(f"{data_dir}: another device uses this data directory") from None
        yield data_dir
    finally:
        os.close(descriptor)


@contextmanager
def port_dir(data_dir: Path) -> Iterator[Path]:
    """A directory for pseudo ports and the control socket of a claimed data directory, empty, removed at the end.

    It always has the same name, so that what a killed device left there is cleared by the next one.
    """
    path = data_dir / PORTS
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH - len("/room.sock"):
        path = Path(tempfile.mkdtemp(prefix="webmanager-"))
    else:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
