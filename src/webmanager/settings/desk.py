"""The one owner of the configuration: what is in force, what is saved, who changed what, and the way back."""

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from webmanager.domain.errors import ConfigError, StoreError
from webmanager.settings.changes import Change, FieldChange, differences, needs_restart, overlaid, value_at
from webmanager.settings.exchange import exported, imported
from webmanager.settings.folder import Found, SettingsFolder
from webmanager.settings.mistakes import SettingsError, mistakes_of
from webmanager.settings.model import Settings
from webmanager.settings.section import Section, restore_secrets, with_secrets

log = logging.getLogger(__name__)

HISTORY = "settings_history"
MOST_CHANGES = 200
MOST_KEPT_BEFORE = 20
"""So many last changes can be undone with their secrets; of older ones a secret is not brought back."""
MOST_SUBSCRIBERS = 64
WAYS_IN = ("network.address", "network.http_port", "security.https", "security.redirect", "security.networks")
"""Beginnings of the dotted fields that decide whether a browser reaches the device."""

Subscriber = Callable[[Settings, Settings], None]


class HistoryKeeper(Protocol):
    """Keeps the history between starts."""

    def load(self, name: str) -> dict[str, object] | None:
        """The document last saved."""

    def save(self, name: str, document: dict[str, object]) -> None:
        """Keeps a document; returns at once."""

    def save_now(self, name: str, document: dict[str, object]) -> None:
        """Returns when a power cut cannot take it back any more; StoreError if it cannot be kept."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change did: the dotted fields that changed, whether one of them waits for a restart, its history entry."""

    changed: tuple[str, ...]
    needs_restart: bool
    number: int | None = None


class SettingsDesk:
    """Applies, saves and takes back; everything but `save` is quick and belongs on the event loop.

    Without a folder nothing is kept on disk. `told` are dotted fields that the command line gives for this run, over
    what is saved. `trouble` is why the device does not run on the settings it was given; empty if it does.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        folder: SettingsFolder | None = None,
        keeper: HistoryKeeper | None = None,
        told: Mapping[str, object] | None = None,
    ) -> None:
        self._folder, self._keeper, self._told = folder, keeper, dict(told or {})
        self._subscribers: list[Subscriber] = []
        self._guards: list[Subscriber] = []
        self._writing = threading.Lock()
        self._changes: deque[Change] = deque(_kept_history(keeper), MOST_CHANGES)
        self._before: deque[tuple[int, Settings]] = deque(maxlen=MOST_KEPT_BEFORE)
        self._numbers = itertools.count(self._changes[-1].number + 1 if self._changes else 1)
        self._tried: list[Settings] = []
        self._saved: Settings
        self._applied: Settings
        self._running: Settings
        self.trouble = ""
        self._begin(settings or Settings())

    @classmethod
    def open(
        cls, data_dir: Path, keeper: HistoryKeeper | None = None, told: Mapping[str, object] | None = None
    ) -> "SettingsDesk":
        """The configuration of a data directory; what cannot be read there becomes `trouble`, not an error."""
        return cls(folder=SettingsFolder(data_dir), keeper=keeper, told=told)

    @property
    def applied(self) -> Settings:
        """What is in force."""
        return self._applied

    @property
    def saved(self) -> Settings:
        """What the next start will read."""
        return self._saved

    @property
    def running(self) -> Settings:
        """What the device was started with."""
        return self._running

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Calls it with the settings before and after each change; returns what ends that."""
        if len(self._subscribers) >= MOST_SUBSCRIBERS:
            raise RuntimeError(f"more than {MOST_SUBSCRIBERS} parts follow the settings")
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber) if subscriber in self._subscribers else None

    def guard(self, check: Subscriber) -> Callable[[], None]:
        """Calls it before each change; what it raises as SettingsError forbids the change. Returns what ends that."""
        self._guards.append(check)
        return lambda: self._guards.remove(check) if check in self._guards else None

    def apply(self, section: str, tables: object, by: str, at: float) -> Applied:
        """Puts a section (or a dotted part of one) in force; what is left out keeps its value, a list is replaced.

        SettingsError with every mistake, and nothing changes; a hidden secret sent back means unchanged.
        """
        return self.apply_parts({section: tables}, by, at)

    def apply_parts(self, parts: Mapping[str, object], by: str, at: float) -> Applied:
        """The same for several sections or dotted parts at once: all of them or none."""
        return self._put(self._with(parts), "applied", by, at)

    def check(self, section: str, tables: object) -> Settings:
        """The settings as `apply` would put them in force; SettingsError if it would refuse."""
        return validated(self._with({section: tables}))

    def unsaved(self) -> tuple[str, ...]:
        """The dotted fields that are in force and would be lost by a restart."""
        return tuple(change.path for change in differences(self._saved, self._applied))

    def pending_restart(self) -> tuple[str, ...]:
        """The dotted fields that were changed and take effect after a restart only."""
        changed = differences(self._running, self._applied)
        return tuple(change.path for change in changed if needs_restart(Settings, change.path))

    def save(self, by: str, at: float) -> tuple[str, ...]:
        """Writes what is in force to the disk, so that it survives a restart; blocks. The fields that were unsaved.

        StoreError if it cannot be written; then the old file is still there.
        """
        with self._writing:
            applied, changed = self._applied, self.unsaved()
            if self._folder is not None:
                self._folder.write(applied, works=not self.pending_restart())
            self._saved = applied
            self.trouble = ""
        self._note("saved", by, at, ())
        self._keep_now()
        return changed

    def discard(self, by: str, at: float) -> Applied:
        """Goes back to what is saved."""
        return self._put(with_secrets(self._saved), "discarded", by, at)

    def history(self) -> tuple[Change, ...]:
        """The last changes, newest first."""
        return tuple(reversed(self._changes))

    def undo(self, number: int, by: str, at: float) -> Applied:
        """Gives the fields of a change the values they had before it; SettingsError if that is not possible."""
        change = next((one for one in self._changes if one.number == number), None)
        if change is None:
            raise SettingsError([("", f"there is no change {number} in the history")])
        before = next((settings for known, settings in self._before if known == number), None)
        values = {field.path: field.before for field in change.fields}
        try:
            if before is not None:
                values = {path: value_at(before, path) for path in values}
            else:
                values = {path: restore_secrets(value, value_at(self._applied, path)) for path, value in values.items()}
            tables = overlaid(self._applied, values)
        except (AttributeError, KeyError, TypeError):
            raise SettingsError([("", f"change {number} is of another version and cannot be undone")]) from None
        done = self._put(tables, "undone", by, at)
        if not done.changed:
            raise SettingsError([("", f"nothing of change {number} is left to undo, or it was a secret: type it anew")])
        return done

    def factory_reset(self, by: str, at: float) -> Applied:
        """Puts the defaults in force; they are not saved yet."""
        return self._put(overlaid(Settings(), self._told), "reset", by, at)

    def export_text(self) -> str:
        """What is in force as one TOML file without secrets: where one is set, a placeholder stands."""
        return exported(self._applied)

    def import_text(self, text: str, by: str, at: float) -> Applied:
        """Puts a file from `export_text` in force, all of it or nothing; a section it does not name keeps its values.

        A placeholder stands for the secret that is kept here. SettingsError with all mistakes.
        """
        tables = imported(text)
        unknown = [name for name in tables if name not in Settings.model_fields]
        if unknown:
            raise SettingsError([(name, "there is no such section") for name in unknown[:20]])
        kept = with_secrets(self._applied)
        return self._put(
            kept | {name: restore_secrets(tables[name], kept[name]) for name in tables}, "imported", by, at
        )

    def reload(self) -> Settings:
        """What a restart begins with: reads the files anew; what was applied and not saved is gone."""
        self._begin(self._saved)
        return self._running

    def other_ways_in(self) -> tuple[str, ...]:
        """The dotted fields in which `running` is reached otherwise than the last good configuration; blocks."""
        good = self._folder.last_good() if self._folder is not None else None
        changed = differences(self._over(good), self._running) if good is not None else ()
        return tuple(change.path for change in changed if change.path.startswith(WAYS_IN))

    def confirm_good(self) -> None:
        """The device has started with `running`: from now on that is the last good configuration; blocks.

        A disk that refuses is logged and no error: the device runs.
        """
        if self._folder is not None:
            try:
                with self._writing:  # a save sweeps away what it takes for the leavings of a killed process
                    self._folder.write_last_good(self._running)
            except OSError as error:
                log.error("The last good configuration cannot be kept: %s", error)

    def fall_back(self, reason: str) -> Settings:
        """The device did not start with `running`: from now on the last good settings, else the defaults, are in force.

        The file on the disk stays, so that the next restart tries it again. ConfigError if all of them were tried.
        """
        self._tried.append(self._running)
        good = self._folder.last_good() if self._folder is not None else None
        for settings, name in ((good, "the last good configuration"), (Settings(), "the defaults")):
            if settings is None or (chosen := self._over(settings)) in self._tried:
                continue
            self.trouble = f"{reason}: the device runs on {name}"
            log.error("%s", self.trouble)
            self._applied = self._running = chosen
            return chosen
        raise ConfigError(f"the device starts neither on its settings nor on any older ones: {reason}")

    def _begin(self, settings: Settings) -> None:
        found = self._folder.read() if self._folder is not None else Found(settings)
        self.trouble, self._tried = found.trouble, []
        self._saved = self._applied = self._running = self._over(found.settings)

    def _over(self, settings: Settings) -> Settings:
        """Settings with what the command line told."""
        return validated(overlaid(settings, self._told)) if self._told else settings

    def _with(self, parts: Mapping[str, object]) -> dict[str, Any]:
        """All settings as plain tables, with some parts of them as given."""
        return overlaid(self._applied, {path: _merged(self._part(path), given) for path, given in parts.items()})

    def _part(self, path: str) -> Any:
        at: Any = self._applied
        for name in path.split("."):
            if not isinstance(at, Section) or name not in type(at).model_fields:
                raise SettingsError([(path, "there is no such section")])
            at = getattr(at, name)
        return at

    def _put(self, tables: Mapping[str, Any], what: str, by: str, at: float) -> Applied:
        before, after = self._applied, validated(tables)
        fields = differences(before, after)
        if not fields:
            return Applied((), False)
        for check in tuple(self._guards):
            check(before, after)
        self._applied = after
        number = self._note(what, by, at, fields)
        self._before.append((number, before))
        for subscriber in tuple(self._subscribers):
            subscriber(before, after)
        changed = tuple(field.path for field in fields)
        return Applied(changed, any(needs_restart(Settings, path) for path in changed), number)

    def _note(self, what: str, by: str, at: float, fields: tuple[FieldChange, ...]) -> int:
        change = Change(next(self._numbers), at, by, what, fields)
        self._changes.append(change)
        if self._keeper is not None:
            self._keeper.save(HISTORY, self._document())
        return change.number

    def _keep_now(self) -> None:
        """The settings are on the disk already: a history that cannot be kept is no reason to call that a failure."""
        try:
            if self._keeper is not None:
                self._keeper.save_now(HISTORY, self._document())
        except StoreError as error:
            log.error("%s", error)

    def _document(self) -> dict[str, object]:
        return {"changes": [one.document() for one in tuple(self._changes)]}


def validated(tables: Mapping[str, Any]) -> Settings:
    """Plain tables as settings; SettingsError with all mistakes."""
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        raise SettingsError(mistakes_of(error, tables)) from None


def _merged(current: object, given: object) -> Any:
    """What is given over what is there: sections key by key, lists and tables of rows as a whole."""
    if isinstance(current, Section) and isinstance(given, Mapping):
        tables = with_secrets(current)
        for key, value in given.items():
            tables[key] = _merged(getattr(current, key, None), value)
        return tables
    kept = with_secrets(current) if isinstance(current, Section) else _plain(current)
    return restore_secrets(given, kept)


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [with_secrets(row) if isinstance(row, Section) else _plain(row) for row in value]
    if isinstance(value, Mapping):
        return {key: with_secrets(row) if isinstance(row, Section) else _plain(row) for key, row in value.items()}
    reveal = getattr(value, "get_secret_value", None)
    return reveal() if reveal else value


def _kept_history(keeper: HistoryKeeper | None) -> list[Change]:
    document = keeper.load(HISTORY) if keeper else None
    rows = document.get("changes") if document else None
    changes = []
    for row in rows if isinstance(rows, list) else ():
        try:
            changes.append(Change.from_document(row))
        except (KeyError, TypeError, ValueError):
            continue
    return changes
