"""Changes of the settings in words."""

import pytest

from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.settings.changes import Change, FieldChange
from webmanager.web.settings.changes import LONGEST, MOST_LINES, change_view, label_of_path, lines_of, short_labels


def words(field: FieldChange) -> list[tuple[str, str, str]]:
    return [(line.label, line.before, line.after) for line in lines_of([field])]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (2.0, 3.5, ("2.0", "3.5")),
        (True, False, ("on", "off")),
        (None, 8081, ("–", "8081")),
        ("", "Cellar", ("–", "Cellar")),
        (["a", "b"], [], ("a, b", "–")),
        ("x" * 500, "y", ("x" * LONGEST + "…", "y")),
    ],
)
def test_a_value_is_told_before_and_after(before: object, after: object, said: tuple[str, str]) -> None:
    assert words(FieldChange("scan.period_s", before, after)) == [("Scan and internal resistance › Scan period", *said)]


def test_a_secret_is_only_said_to_have_changed() -> None:
    ((_, before, after),) = words(FieldChange("snmp.communities", [{"name": "***"}], [{"name": "***"}]))
    assert (before, after) == ("", "a secret was changed")


def test_rows_are_told_by_their_name() -> None:
    before = [{"name": "ops", "port": 25, "server": "a"}, {"name": "log", "port": 1}]
    after = [{"name": "ops", "port": 587, "server": "a"}, {"name": "crew", "port": 25}]
    told = [
        (label.split(" › ", 1)[1], old, new)
        for label, old, new in words(FieldChange("notify.receivers", before, after))
    ]
    assert told == [
        ("Receivers › ops › port", "25", "587"),
        ("Receivers › log", "there", "removed"),
        ("Receivers › crew", "", "added"),
    ]


def test_a_page_of_lines_is_enough() -> None:
    rows = [{"name": f"row {number}"} for number in range(500)]
    assert len(words(FieldChange("notify.receivers", [], rows))) == MOST_LINES


def test_labels_are_short_each_once_and_in_the_language_spoken() -> None:
    assert short_labels(["scan.period_s", "scan.period_s", "network.http_port"]) == ["Scan period", "HTTP port"]
    with speaking(tongue("de")):
        assert change_view(Change(1, 0.0, "m.k", "saved", ())).what == "Gesichert"
    assert label_of_path("strange.thing") == "strange › thing"


def test_a_save_has_nothing_to_undo() -> None:
    saved = change_view(Change(1, 0.0, "m.k", "saved", ()))
    assert (saved.what, saved.by, saved.can_undo, list(saved.lines)) == ("Saved", "m.k", False, [])
    changed = change_view(Change(2, 0.0, "m.k", "applied", (FieldChange("scan.period_s", 2.0, 3.0),)))
    assert (changed.what, changed.can_undo) == ("Applied", True)
