"""Changes of the settings in words: what was, what is, a row of a list by its name."""

from collections.abc import Iterator, Sequence
from typing import Any

from webmanager.language.spoken import gettext as _
from webmanager.settings.changes import Change, FieldChange
from webmanager.settings.labels import labels_of
from webmanager.settings.model import Settings
from webmanager.web.settings.views import ChangeLine, ChangeView
from webmanager.web.texts.figures import moment
from webmanager.web.texts.wordbook import Words

MOST_LINES = 50
LONGEST = 120
WHAT = Words(
    {
        "applied": "Applied",
        "saved": "Saved",
        "discarded": "Discarded",
        "undone": "Undone",
        "imported": "Imported",
        "reset": "Defaults restored",
    }
)


def label_of_path(path: str) -> str:
    """A dotted path in words: “Scan › Period”."""
    return " › ".join(_(label) for label in labels_of(Settings, path))


def short_labels(paths: Sequence[str]) -> list[str]:
    """The last word of each path, each once."""
    return list(dict.fromkeys(_(labels_of(Settings, path)[-1]) for path in paths))


def change_view(change: Change) -> ChangeView:
    """One change for the page."""
    what = WHAT.get(change.what, change.what)
    can_undo = bool(change.fields)
    return ChangeView(change.number, moment(change.at), change.by, what, lines_of(change.fields), can_undo)


def lines_of(fields: Sequence[FieldChange]) -> list[ChangeLine]:
    """The lines of some fields, at most a page of them."""
    return [line for field in fields for line in _lines(field)][:MOST_LINES]


def _lines(field: FieldChange) -> Iterator[ChangeLine]:
    label = label_of_path(field.path)
    if field.before == field.after:
        yield ChangeLine(label, "", _("a secret was changed"))
    elif _are_rows(field.before) and _are_rows(field.after):
        yield from _rows(label, field.before, field.after)
    else:
        yield ChangeLine(label, _text(field.before), _text(field.after))


def _rows(label: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[ChangeLine]:
    old = {str(row.get("name", number)): row for number, row in enumerate(before)}
    new = {str(row.get("name", number)): row for number, row in enumerate(after)}
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            yield ChangeLine(f"{label} › {name}", _("there"), _("removed"))
        elif name not in old:
            yield ChangeLine(f"{label} › {name}", "", _("added"))
        else:
            for key in new[name]:
                if old[name].get(key) != new[name][key]:
                    yield ChangeLine(f"{label} › {name} › {key}", _text(old[name].get(key)), _text(new[name][key]))


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if value is None or value in ("", [], {}):
        return "–"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
