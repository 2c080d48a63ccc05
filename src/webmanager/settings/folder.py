"""The settings on the disk: the file, the last good one beside it, and what to start on if the file cannot be used."""

import logging
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from webmanager.domain.errors import ConfigError, StoreError
from webmanager.settings.file import SETTINGS_FILE, read_model, read_toml, write_atomically
from webmanager.settings.mistakes import mistakes_of
from webmanager.settings.model import Settings
from webmanager.settings.toml_text import toml_text

log = logging.getLogger(__name__)

LAST_GOOD_FILE = "settings.last-good.toml"
REJECTED_FILE = "settings.rejected.toml"
BEFORE_RESET_FILE = "settings.before-reset.toml"


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
        settings, wrong = self._judged()
        if settings is not None:
            return Found(settings)
        good = self.last_good()
        instead = "the last good configuration" if good else "the defaults"
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        trouble = f"{wrong[0]}{more}: the device runs on {instead}"
        log.error("%s", trouble)
        return Found(good or Settings(), trouble)

    def mistakes(self) -> list[str]:
        """Everything that is wrong with the file, each in one line with file, table and key."""
        return self._judged()[1]

    def reset(self) -> Path | None:
        """Takes the file and the last good one away; returns where the file is kept, None if there was none."""
        kept = None
        if self.path.exists():
            kept = self.path.with_name(BEFORE_RESET_FILE)
            self.path.replace(kept)
        self.last_good_path.unlink(missing_ok=True)
        return kept

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
            self._sweep()
            write_atomically(self.path, toml_text(self._text_to_keep(), settings))
            if works:
                self.write_last_good(settings)
        except OSError as error:
            raise StoreError(f"{self.path.name}: cannot be written: {error.strerror or error}") from None

    def write_last_good(self, settings: Settings) -> None:
        """Notes the settings the device runs with, unless they are noted already; OSError if the disk refuses."""
        if self.last_good() != settings:
            write_atomically(self.last_good_path, toml_text("", settings))

    def _sweep(self) -> None:
        """Takes away what a process that was killed while it wrote has left."""
        for left in self.path.parent.glob(".settings*.new"):
            left.unlink(missing_ok=True)

    def _judged(self) -> tuple[Settings | None, list[str]]:
        """The settings in the file, the defaults if there is none; None with every mistake if they cannot be."""
        if not self.path.exists():
            return Settings(), []
        try:
            tables = read_toml(self.path)
        except ConfigError as error:
            return None, [" ".join(str(error).split())]
        try:
            return Settings.model_validate(tables), []
        except ValidationError as error:
            found = mistakes_of(error, tables)
            return None, [f"{self.path.name}: {_place(path)}: {reason}" for path, reason in found]

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


def _place(path: str) -> str:
    """A dotted path as table and key: `[scan] period_s`."""
    tables, _, key = path.rpartition(".")
    return f"[{tables}] {key}" if tables else key or "the file"
