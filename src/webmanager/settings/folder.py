"""The settings on the disk: the file, the last good one beside it, and what to start on if the file cannot be used."""

import logging
from dataclasses import dataclass
from pathlib import Path

from webmanager.domain.errors import ConfigError, StoreError
from webmanager.settings.file import SETTINGS_FILE, read_model, write_atomically
from webmanager.settings.model import Settings
from webmanager.settings.toml_text import toml_text

log = logging.getLogger(__name__)

LAST_GOOD_FILE = "settings.last-good.toml"
REJECTED_FILE = "settings.rejected.toml"


@dataclass(frozen=True, slots=True)
class Found:
    """What a start runs on, and in one line why it is not the file; empty if it is."""

    settings: Settings
    trouble: str = ""


class SettingsFolder:
    """The files in one data directory; it is used by one device at a time."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / SETTINGS_FILE
        self.last_good_path = data_dir / LAST_GOOD_FILE
        self.rejected_path = data_dir / REJECTED_FILE

    def read(self) -> Found:
        """The file, else the last good one, else the defaults; never an error."""
        if not self.path.exists():
            return Found(Settings())
        try:
            return Found(read_model(self.path, Settings))
        except ConfigError as error:
            wrong = " ".join(str(error).split())
        good = self.last_good()
        instead = "the last good configuration" if good else "the defaults"
        trouble = f"{wrong}: the device runs on {instead}"
        log.error("%s", trouble)
        return Found(good or Settings(), trouble)

    def last_good(self) -> Settings | None:
        """The settings with which the device last ran, None if there are none that can be read."""
        try:
            return read_model(self.last_good_path, Settings)
        except ConfigError:
            return None

    def write(self, settings: Settings, *, works: bool) -> None:
        """Saves; `works` says that the device runs with all of it, so that it is the last good one too.

        StoreError if the disk refuses. A file that could not be read is kept aside under another name.
        """
        try:
            write_atomically(self.path, toml_text(self._text_to_keep(), settings))
            if works:
                self.write_last_good(settings)
        except OSError as error:
            raise StoreError(f"{self.path.name}: cannot be written: {error.strerror or error}") from None

    def write_last_good(self, settings: Settings) -> None:
        """Notes the settings the device runs with, unless they are noted already; OSError if the disk refuses."""
        if self.last_good() != settings:
            write_atomically(self.last_good_path, toml_text("", settings))

    def _text_to_keep(self) -> str:
        """The text of the file, for its comments; a file that says something wrong is put aside."""
        try:
            text = self.path.read_text(encoding="utf-8")
            read_model(self.path, Settings)
        except FileNotFoundError:
            return ""
        except (ConfigError, UnicodeDecodeError, OSError):
            write_atomically(self.rejected_path, self.path.read_bytes().decode(errors="replace"))
            return ""
        return text
