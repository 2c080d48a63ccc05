"""Forms made from models: what they show, and what comes back from them."""

from typing import Any

from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.settings.jobs_model import NotifySettings
from webmanager.settings.model import ScanSettings
from webmanager.settings.section import HIDDEN, with_secrets
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.web.settings.form_reading import edited, resolved, tables_from
from webmanager.web.settings.form_views import FieldView, FormView, GroupView, RowsView
from webmanager.web.settings.forms import Seen, errors_by_field, form_of

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}
NOTIFY = NotifySettings.model_validate({"receivers": [MAIL, {"type": "outputs", "name": "relays"}]})


def posted_from(view: FormView | GroupView | RowsView | FieldView) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    if isinstance(view, FormView):
        return {key: value for group in view.groups for key, value in posted_from(group).items()}
    if isinstance(view, RowsView):
        return {key: value for row in view.rows for key, value in posted_from(row).items()}
    if isinstance(view, GroupView):
        sent = {key: value for part in view.parts for key, value in posted_from(part).items()}
        if view.was or view.tag:
            sent |= {f"{view.id}.was": view.was, f"{view.id}.type": view.tag}
        return sent
    if view.kind == "switch":
        return {view.id: "on"} if view.is_on else {}
    if view.kind == "choices":
        return {f"{view.id}.{option.value}": "on" for option in view.options if option.is_chosen}
    return {view.id: view.value}


def field_of(view: Any, path: str) -> FieldView:
    """A field by its path."""
    parts = view.groups if isinstance(view, FormView) else view.rows if isinstance(view, RowsView) else view.parts
    for part in parts:
        if isinstance(part, FieldView):
            if part.id == path:
                return part
        elif path.startswith(f"{part.id}.") or isinstance(part, RowsView):
            return field_of(part, path)
    raise KeyError(path)


def notify_form(seen: Seen | None = None) -> FormView:
    return form_of({"notify": NotifySettings}, {"notify": NOTIFY.model_dump(mode="json")}, seen)


def test_a_field_has_label_unit_range_help_and_default() -> None:
    view = form_of({"scan": ScanSettings}, {"scan": {"period_s": 3.5}}, Seen(unsaved=("scan.period_s",)))
    field = field_of(view, "scan.period_s")
    assert (field.label, field.value, field.unit, field.limits, field.default) == (
        "Scan period",
        "3.5",
        "s",
        "0.5 to 60",
        "2",
    )
    assert field.help == "A scan of all modules starts this often."
    assert field.is_unsaved
    assert field_of(view, "scan.retry_budget_ms").value == "80"


def test_in_german_numbers_have_a_comma_both_ways() -> None:
    with speaking(tongue("de")):
        view = form_of({"scan": ScanSettings}, {"scan": {"period_s": 3.5}})
        assert field_of(view, "scan.period_s").value == "3,5"
    assert tables_from(ScanSettings, {"scan.period_s": " 3,5 "}, "scan") == {"period_s": "3.5"}
    assert tables_from(ScanSettings, {"scan.period_s": "1,000.5"}, "scan") == {"period_s": "1,000.5"}


def test_what_a_form_shows_comes_back_as_it_was() -> None:
    for model, settings in ((NotifySettings, NOTIFY), (SnmpSettings, SnmpSettings()), (ScanSettings, ScanSettings())):
        view = form_of({"part": model}, {"part": settings.model_dump(mode="json")})
        tables = resolved(tables_from(model, posted_from(view), "part"), with_secrets(settings))
        assert model.model_validate(tables) == settings


def test_no_secret_is_in_a_form() -> None:
    assert field_of(notify_form(), "notify.receivers.0.password").value == HIDDEN
    assert "s3cret" not in repr(notify_form())


def test_a_renamed_row_keeps_its_secret_and_a_new_one_inherits_none() -> None:
    sent = posted_from(notify_form()) | {"notify.receivers.0.name": "crew"}
    tables = resolved(tables_from(NotifySettings, sent, "notify"), with_secrets(NOTIFY))
    assert (tables["receivers"][0]["name"], tables["receivers"][0]["password"]) == ("crew", "s3cret")
    sent |= {"notify.receivers.0.was": ""}
    assert resolved(tables_from(NotifySettings, sent, "notify"), with_secrets(NOTIFY))["receivers"][0]["password"] == ""


def test_a_row_whose_name_is_a_secret_is_known_by_its_place() -> None:
    kept = SnmpSettings.model_validate({"communities": [{"name": "one"}, {"name": "two"}]})
    view = form_of({"snmp": SnmpSettings}, {"snmp": kept.model_dump(mode="json")})
    sent = edited(posted_from(view), "remove:snmp.communities.0")
    tables = resolved(tables_from(SnmpSettings, sent, "snmp"), with_secrets(kept))
    assert [row["name"] for row in tables["communities"]] == ["two"]


def test_rows_are_added_with_defaults_and_removed_and_the_rest_stays_as_typed() -> None:
    sent = posted_from(notify_form()) | {"notify.receivers.0.port": "7o"}
    tables = tables_from(NotifySettings, edited(sent, "add:notify.receivers:syslog"), "notify")
    assert [row["type"] for row in tables["receivers"]] == ["mail", "outputs", "syslog"]
    assert tables["receivers"][0]["port"] == "7o"
    view = form_of({"notify": NotifySettings}, {"notify": tables})
    assert field_of(view, "notify.receivers.2.port").value == "514"
    gone = tables_from(NotifySettings, edited(sent, "remove:notify.receivers.0"), "notify")
    assert [row["name"] for row in gone["receivers"]] == ["relays"]


def test_errors_stand_at_their_field_with_what_is_still_in_force_and_strangers_on_top() -> None:
    errors = errors_by_field(
        [("notify.receivers.0.port", "70161 is above 65535"), ("snmp", "odd"), ("a.clients.3", "x")]
    )
    seen = Seen(errors=errors, in_force={"notify.receivers.0.port": 587})
    view = notify_form(seen)
    field = field_of(view, "notify.receivers.0.port")
    assert (field.error, field.in_force) == ("70161 is above 65535", "587")
    assert view.errors == ("snmp: odd", "a.clients.3: x", "a.clients: x")
    rows = view.groups[0].parts[0]  # type: ignore[union-attr]
    assert isinstance(rows, RowsView)
    assert [row.has_error for row in rows.rows] == [True, False]


def test_hostile_names_of_fields_are_just_not_there() -> None:
    sent = {"scan.period_s": "3", "scan.__class__": "x", "scan.period_s.0.was": "", "other": "y"}
    assert tables_from(ScanSettings, sent, "scan") == {"period_s": "3"}
    many = {f"notify.receivers.{number}.was": "" for number in range(1000)}
    assert len(tables_from(NotifySettings, many, "notify")["receivers"]) == 200
