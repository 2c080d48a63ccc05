"""Pages of settings as forms: receivers of one kind out of the list of all."""

from typing import Any

from webmanager.settings.desk import SettingsDesk, validated
from webmanager.settings.model import Settings
from webmanager.settings.section import HIDDEN, with_secrets
from webmanager.web.settings.form_views import RowsView
from webmanager.web.settings.page_form import Typed, form_view, in_force, parts_of
from webmanager.web.settings.page_map import PAGES, RECEIVERS, page_of_section

MAILS: list[dict[str, Any]] = [
    {"type": "mail", "name": name, "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": f"secret {name}"}
    for name in ("one", "two")
]
LOG = {"type": "syslog", "name": "log", "host": "192.0.2.1"}
EMAIL, SNMP = PAGES["email"], PAGES["snmp"]


def desk() -> SettingsDesk:
    return SettingsDesk(validated({"notify": {"receivers": [MAILS[0], LOG, MAILS[1]]}}))


def names(parts: dict[str, Any]) -> list[str]:
    return [row["name"] for row in parts[RECEIVERS]]


def test_a_page_shows_its_own_receivers_with_secrets_hidden() -> None:
    typed = in_force(desk(), EMAIL)
    assert [row["name"] for row in typed.rows] == ["one", "two"]
    assert {row["password"] for row in typed.rows} == {HIDDEN}
    assert (typed.tables, in_force(desk(), SNMP).rows) == ({}, [])


def test_what_is_shown_and_sent_back_is_no_change() -> None:
    settings = desk()
    rows = [dict(row) | {"was": row["name"]} for row in in_force(settings, EMAIL).rows]
    assert not settings.apply_parts(parts_of(settings, EMAIL, Typed({}, rows)), "admin", 1.0).changed


def test_receivers_of_other_kinds_keep_their_place() -> None:
    settings = desk()
    rows = [dict(row) | {"was": row["name"]} for row in in_force(settings, EMAIL).rows]
    new = {"type": "mail", "name": "three", "was": "", "server": "m", "sender": "a@b.c", "to": ["d@e.f"]}
    assert names(parts_of(settings, EMAIL, Typed({}, [*rows, new]))) == ["one", "log", "two", "three"]
    assert names(parts_of(settings, EMAIL, Typed({}, rows[1:]))) == ["two", "log"]
    assert names(parts_of(settings, EMAIL, Typed({}, []))) == ["log"]
    assert parts_of(settings, EMAIL, Typed({}, rows[1:]))[RECEIVERS][0]["password"] == "secret two"


def test_an_error_finds_the_row_of_the_page() -> None:
    settings = desk()
    rows = [dict(row) | {"was": row["name"]} for row in in_force(settings, EMAIL).rows]
    view = form_view(settings, EMAIL, Typed({}, rows), [(f"{RECEIVERS}.2.port", "odd"), ("notify", "whole")])
    (listed,) = view.groups
    assert isinstance(listed, RowsView)
    assert [row.has_error for row in listed.rows] == [False, True]
    assert view.errors == ("notify: whole",)


def test_every_section_has_its_page_and_only_one() -> None:
    elsewhere = {"limits", "notify"}
    for section in Settings.model_fields:
        found = [page.slug for page in PAGES.values() if section in page.models]
        assert len(found) <= 1
        assert found or section in elsewhere, f"{section} is on no page"
    assert page_of_section("scan") == "bacs"
    assert page_of_section("nothing") is None


def test_all_pages_together_change_nothing_by_themselves() -> None:
    settings = desk()
    kept = with_secrets(settings.applied)
    for page in PAGES.values():
        typed = in_force(settings, page)
        rows = [dict(row) | {"was": row["name"]} for row in typed.rows]
        settings.apply_parts(parts_of(settings, page, Typed(typed.tables, rows)), "admin", 1.0)
    assert with_secrets(settings.applied) == kept
