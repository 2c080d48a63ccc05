"""A page of settings as a form: from what is in force or was typed, and back to what the desk applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webmanager.language.spoken import gettext as _
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.section import with_secrets
from webmanager.web.settings.form_reading import resolved, rows_from, tables_from
from webmanager.web.settings.form_shape import tag_of
from webmanager.web.settings.form_views import FormView, GroupView, RowsView
from webmanager.web.settings.forms import Seen, errors_by_field, form_of, rows_of, strangers
from webmanager.web.settings.page_map import RECEIVERS, SettingsPage


@dataclass(frozen=True)
class Typed:
    """The values of a page: tables by section, and the rows of its receivers, secrets hidden."""

    tables: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = ()


def in_force(desk: SettingsDesk, page: SettingsPage) -> Typed:
    """What a page shows of the settings in force."""
    dump = desk.applied.model_dump(mode="json")
    rows = [row for row in dump["notify"]["receivers"] if row["type"] in _tags(page)]
    return Typed({name: dump[name] for name in page.models}, rows)


def typed_in(page: SettingsPage, posted: Mapping[str, str]) -> Typed:
    """What somebody typed."""
    tables = {name: tables_from(model, posted, name) for name, model in page.models.items()}
    return Typed(tables, rows_from(page.receivers, posted, RECEIVERS) if page.receivers else ())


def parts_of(desk: SettingsDesk, page: SettingsPage, typed: Typed) -> dict[str, Any]:
    """The parts of the settings as the desk applies them; receivers of other kinds stay where they are."""
    kept = with_secrets(desk.applied)
    parts = {name: resolved(tables, kept[name]) for name, tables in typed.tables.items()}
    if page.receivers:
        all_rows: list[Any] = kept["notify"]["receivers"]
        own = [row for row in all_rows if row["type"] in _tags(page)]
        waiting = list(resolved(list(typed.rows), own))
        merged = []
        for row in all_rows:
            if row["type"] not in _tags(page):
                merged.append(row)
            elif waiting:
                merged.append(waiting.pop(0))
        parts[RECEIVERS] = [*merged, *waiting]
    return parts


def form_view(desk: SettingsDesk, page: SettingsPage, typed: Typed, errors: Sequence[tuple[str, str]] = ()) -> FormView:
    """The form of a page, with errors at their fields."""
    seen = Seen(
        errors=errors_by_field([(_local(desk, page, typed, path), reason) for path, reason in errors]),
        in_force=dict(_leaves(desk.applied.model_dump(mode="json"), "")),
        unsaved=desk.unsaved(),
    )
    groups: list[GroupView | RowsView] = list(form_of(page.models, typed.tables, seen).groups)
    if page.receivers:
        groups.append(rows_of(page.receivers, typed.rows, RECEIVERS, _("Receivers"), seen))
    return FormView(groups, strangers(groups, seen.errors))


def _local(desk: SettingsDesk, page: SettingsPage, typed: Typed, path: str) -> str:
    """A path of the settings as the page numbers its rows."""
    parts = path.split(".")
    if not page.receivers or not path.startswith(f"{RECEIVERS}.") or not parts[2].isdigit():
        return path
    rows = parts_of(desk, page, typed)[RECEIVERS]
    before = [row for row in rows[: int(parts[2])] if row.get("type") in _tags(page)]
    return ".".join([*parts[:2], str(len(before)), *parts[3:]])


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        inner = [(f"{path}.{key}" if path else str(key), part) for key, part in value.items()]
        return [leaf for key, part in inner for leaf in _leaves(part, key)]
    return [(path, value)]


def _tags(page: SettingsPage) -> set[str]:
    return {tag_of(model) for model in page.receivers}
