"""Looks for new firmware by hand or daily, and lays verified packages out; installing is for whoever supervises us."""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from webmanager.domain.errors import ConfigError, DeliveryError
from webmanager.engine.update_ports import Check, Staged
from webmanager.settings.file import write_atomically
from webmanager.settings.update_model import UpdateSettings
from webmanager.update.index import download, newest
from webmanager.update.package import Package, read_key, verify

log = logging.getLogger(__name__)

DAY_S = 86400.0


class UpdateService:
    """Implements `engine.update_ports.UpdateDesk` in a directory of its own.

    `settings` gives what is in force now, `public_key` comes with the hardware and not over the network, `now` is the
    device's time in UTC seconds.
    """

    def __init__(
        self,
        directory: Path,
        settings: Callable[[], UpdateSettings],
        public_key: str,
        running: str,
        now: Callable[[], float],
    ) -> None:
        self._directory, self._settings, self._key, self._running = directory, settings, public_key, running
        self._now = now
        self._last: Check | None = None
        self._busy = asyncio.Lock()
        self._staged = self._read()

    @property
    def obstacle(self) -> str:
        """Why no package can be verified."""
        if not self._key:
            return "this device has no update key: set public_key in [update] of the hardware file"
        try:
            read_key(self._key)
        except ConfigError as error:
            return str(error)
        return ""

    @property
    def has_index(self) -> bool:
        """There is an index to ask."""
        return bool(self._settings().index_url)

    @property
    def last(self) -> Check | None:
        """The last look at the index since the start."""
        return self._last

    @property
    def staged(self) -> Staged | None:
        """What waits for its installation."""
        return self._staged if self._staged and self._staged.path.exists() else None

    async def check(self) -> Check:
        """Asks the index; DeliveryError says why it cannot be asked."""
        settings = self._settings()
        if not settings.index_url:
            raise DeliveryError("no index is set: give its address in the settings of updates")
        async with self._busy:
            found = await newest(settings, self._running)
            self._last = Check(self._now(), found)
            return self._last

    async def fetch(self) -> Staged:
        """Downloads and verifies what the last check found."""
        release = self._last.newer if self._last else None
        if release is None:
            raise ConfigError("update: look for a newer version first")
        path = self.incoming()
        async with self._busy:
            try:
                await download(self._settings(), release, path)
            except DeliveryError:
                path.unlink(missing_ok=True)
                raise
            return await asyncio.to_thread(self._accept, path, release.signature)

    def incoming(self) -> Path:
        """A name of its own for a package that comes in."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._directory / f".incoming-{secrets.token_hex(8)}"

    async def accept(self, package: Path, signature: str) -> Staged:
        """Verifies an uploaded package and lays it out."""
        async with self._busy:
            return await asyncio.to_thread(self._accept, package, signature)

    async def discard(self) -> None:
        """Forgets what waits."""
        async with self._busy:
            self._clear(None)

    async def run(self) -> None:
        """Looks once a day where the settings say so; never otherwise."""
        while True:
            await asyncio.sleep(DAY_S)
            if self._settings().daily and self.has_index:
                try:
                    await self.check()
                except DeliveryError as error:
                    log.warning("No look for new firmware: %s", error)

    def _accept(self, path: Path, signature: str) -> Staged:
        try:
            if self.obstacle:
                raise ConfigError(f"update: {self.obstacle}")
            package = verify(path, signature, self._key, self._running)
        except ConfigError:
            path.unlink(missing_ok=True)
            raise
        place = self._directory / package.file_name
        path.chmod(0o600)
        path.replace(place)
        self._clear(place)
        staged = Staged(package.version, place, package.sha256, self._now())
        write_atomically(self._directory / "staged.json", _document(package, staged, signature))
        self._staged = staged
        return staged

    def _clear(self, keep: Path | None) -> None:
        for path in (*self._directory.glob("*.whl"), self._directory / "staged.json"):
            if path != keep:
                path.unlink(missing_ok=True)
        self._staged = None

    def _read(self) -> Staged | None:
        for left in self._directory.glob(".incoming-*"):
            left.unlink(missing_ok=True)
        try:
            document = json.loads((self._directory / "staged.json").read_text(encoding="utf-8"))
            name = Path(str(document["file"])).name
            return Staged(
                str(document["version"]), self._directory / name, str(document["sha256"]), float(document["at"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _document(package: Package, staged: Staged, signature: str) -> str:
    document = {
        "version": package.version,
        "file": staged.path.name,
        "sha256": package.sha256,
        "signature": signature.strip(),
        "at": staged.at,
    }
    return json.dumps(document, indent=1)
