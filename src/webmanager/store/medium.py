"""The flash of a data directory: locked by one writer, created if there is none, moved aside if it is not ours."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

from webmanager.domain.errors import StoreError
from webmanager.store.flash import DEVICE_SECTORS, Flash, FrozenFlash, ImageFlash
from webmanager.store.sectors import is_recognised

IMAGE = "flash.img"
LOCK = "flash.lock"


class StoreLockedError(StoreError):
    """Another process writes to this data directory."""


@dataclass
class Medium:
    """An opened flash: the image, what to mount (a frozen view if it is only read), and what happened on the way."""

    image: ImageFlash
    flash: Flash
    read_only: bool
    moved_aside: Path | None = None
    lock: int | None = None

    def close(self) -> None:
        """Closes the image and lets go of the directory."""
        self.image.close()
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def open_to_write(data_dir: Path, sectors: int = DEVICE_SECTORS) -> Medium:
    """The flash of a directory, for its only writer.

    A blank image is created where there is none. One that cannot be recognised is renamed, kept and reported in
    `moved_aside`. StoreLockedError if another process has it, StoreError if it cannot be opened for writing.
    """
    lock = _locked(data_dir)
    try:
        path = data_dir / IMAGE
        moved_aside = None
        if path.exists() and not _is_ours(path):
            moved_aside = _aside(path)
            try:
                path.rename(moved_aside)
            except OSError as error:
                raise StoreError(f"{path}: is no flash image, and cannot be moved: {error.strerror}") from None
        if not path.exists():
            ImageFlash.create(path, sectors)
        image = ImageFlash(path)
    except BaseException:
        os.close(lock)
        raise
    return Medium(image, image, read_only=False, moved_aside=moved_aside, lock=lock)


def open_to_read(data_dir: Path) -> Medium:
    """The flash of a directory, unlocked and never written; a device that runs there is not disturbed. StoreError."""
    path = data_dir / IMAGE
    if not path.exists():
        raise StoreError(f"{path}: there is no flash image")
    image = ImageFlash(path, read_only=True)
    flash = FrozenFlash(image)
    if not is_recognised(flash):
        image.close()
        raise StoreError(f"{path}: is not a flash image of this device")
    return Medium(image, flash, read_only=True)


def _locked(data_dir: Path) -> int:
    path = data_dir / LOCK
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(lock, 20, 0).decode(errors="replace").strip()
        os.close(lock)
        who = f"process {holder}" if holder.isdigit() else "another process"
        raise StoreLockedError(f"{data_dir}: {who} writes to this data directory; only one can") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _is_ours(path: Path) -> bool:
    try:
        with ImageFlash(path, read_only=True) as image:
            return is_recognised(image)
    except StoreError:
        # of another size than whole sectors, unless it cannot even be looked at: then it is left where it is
        path.stat()
        if not os.access(path, os.R_OK):
            raise
        return False


def _aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.unrecognised-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.unrecognised-{stamp}-{number}")
    return aside
