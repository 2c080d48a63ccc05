"""The medium: NOR flash behind four calls, and the host file that is one.

Programming can only clear bits, erasing sets a whole sector to 0xFF, and nothing is safe before `sync` returns.
"""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from webmanager.domain.errors import StoreError

T = TypeVar("T")

SECTOR_BYTES = 4096
BLANK = 0xFF
DEVICE_SECTORS = 8192
"""The device's flash: 8192 sectors of 4 KiB, 32 MiB."""


class SectorFaultError(StoreError):
    """One sector does not erase or program as it must; it is to be retired."""

    def __init__(self, sector: int, what: str) -> None:
        self.sector = sector
        super().__init__(f"flash sector {sector} {what}")


class Flash(Protocol):
    """NOR flash of `sectors` sectors; addresses are bytes from its start. StoreError if the medium is gone."""

    @property
    def sectors(self) -> int:
        """How many sectors of SECTOR_BYTES there are."""

    def read(self, address: int, length: int) -> bytes:
        """The bytes as they are now."""

    def program(self, address: int, data: bytes) -> None:
        """Clears the bits that are 0 in `data`; whether it took is for the caller to read back."""

    def erase(self, sector: int) -> None:
        """Sets a sector to 0xFF."""

    def sync(self) -> None:
        """Returns when everything programmed and erased so far outlives a power cut."""


class ImageFlash:
    """A flash image in a host file. The file is the flash: a copy of it is a backup."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens an image that exists; StoreError if it cannot be opened or is no whole number of sectors."""
        self.path = path
        self.read_only = read_only
        flags = os.O_CLOEXEC | (os.O_RDONLY if read_only else os.O_RDWR)
        try:
            self._file = os.open(path, flags)
            size = os.fstat(self._file).st_size
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}") from None
        if size == 0 or size % SECTOR_BYTES:
            os.close(self._file)
            raise StoreError(f"{path}: {size} bytes are no whole number of {SECTOR_BYTES}-byte sectors")
        self._sectors = size // SECTOR_BYTES

    @staticmethod
    def create(path: Path, sectors: int = DEVICE_SECTORS) -> None:
        """Writes a blank image in one step: under a temporary name, synced, renamed. StoreError if it cannot be."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
        blank = bytes([BLANK]) * SECTOR_BYTES
        try:
            with temporary.open("wb") as file:
                for _ in range(sectors):
                    file.write(blank)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_directory(path.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise StoreError(f"{path}: cannot be created: {error.strerror}") from None

    @property
    def sectors(self) -> int:
        return self._sectors

    def read(self, address: int, length: int) -> bytes:
        self._check(address, length)
        data = self._call("read", os.pread, length, address)
        if len(data) != length:
            raise StoreError(f"{self.path}: {len(data)} of {length} bytes read at {address}")
        return data

    def program(self, address: int, data: bytes) -> None:
        former = self.read(address, len(data))
        if former.count(BLANK) != len(former):
            data = _cleared(former, data)
        if self._call("write", os.pwrite, data, address) != len(data):
            raise StoreError(f"{self.path}: not all of {len(data)} bytes written at {address}")

    def erase(self, sector: int) -> None:
        self._check(sector * SECTOR_BYTES, SECTOR_BYTES)
        self._call("write", os.pwrite, bytes([BLANK]) * SECTOR_BYTES, sector * SECTOR_BYTES)

    def sync(self) -> None:
        self._call("sync", os.fdatasync)

    def close(self) -> None:
        """Closes the file; the image stays as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _check(self, address: int, length: int) -> None:
        if address < 0 or length < 0 or address + length > self._sectors * SECTOR_BYTES:
            raise StoreError(f"{self.path}: {length} bytes at {address} lie outside the flash")

    def _call(self, verb: str, call: Callable[..., T], *given: object) -> T:
        try:
            return call(self._file, *given)
        except OSError as error:
            raise StoreError(f"{self.path}: cannot {verb}: {error.strerror}") from None


class FrozenFlash:
    """A flash that is only read: what would be written stays in memory, so that it can be mounted all the same."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        self._changed: dict[int, bytearray] = {}

    @property
    def sectors(self) -> int:
        return self._flash.sectors

    def read(self, address: int, length: int) -> bytes:
        sector, within = divmod(address, SECTOR_BYTES)
        if sector not in self._changed:
            return self._flash.read(address, length)
        return bytes(self._changed[sector][within : within + length])

    def program(self, address: int, data: bytes) -> None:
        sector, within = divmod(address, SECTOR_BYTES)
        if sector not in self._changed:
            self._changed[sector] = bytearray(self._flash.read(sector * SECTOR_BYTES, SECTOR_BYTES))
        content = self._changed[sector]
        content[within : within + len(data)] = _cleared(bytes(content[within : within + len(data)]), data)

    def erase(self, sector: int) -> None:
        self._changed[sector] = bytearray([BLANK]) * SECTOR_BYTES

    def sync(self) -> None:
        pass


def _cleared(former: bytes, data: bytes) -> bytes:
    both = int.from_bytes(former, "big") & int.from_bytes(data, "big")
    return both.to_bytes(len(data), "big")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
