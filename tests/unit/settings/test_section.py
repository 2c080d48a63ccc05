from webmanager.settings.destinations_model import MailReceiver, TrapReceiver
from webmanager.settings.jobs_model import NotifySettings
from webmanager.settings.section import HIDDEN, restore_secrets, with_secrets

MAIL = {"type": "mail", "name": "mail", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}
TRAP = {"type": "trap", "name": "nms", "host": "192.0.2.1", "community": "hush"}


def settings() -> NotifySettings:
    return NotifySettings.model_validate({"receivers": [MAIL, TRAP]})


def test_no_secret_leaves_by_any_export() -> None:
    given = settings()
    for text in (given.model_dump_json(), repr(given), str(given), str(given.model_dump())):
        assert "s3cret" not in text
        assert "hush" not in text
    assert HIDDEN in given.model_dump_json()


def test_the_one_file_that_keeps_them_has_them_in_clear() -> None:
    tables = with_secrets(settings())
    assert (tables["receivers"][0]["password"], tables["receivers"][1]["community"]) == ("s3cret", "hush")
    assert NotifySettings.model_validate(tables) == settings()


def test_a_hidden_secret_sent_back_is_unchanged() -> None:
    kept = with_secrets(settings())
    sent = settings().model_dump(mode="json")
    sent["receivers"].reverse()
    back = NotifySettings.model_validate(restore_secrets(sent, kept))
    first, second = back.receivers
    assert isinstance(first, TrapReceiver)
    assert isinstance(second, MailReceiver)
    assert (first.community.get_secret_value(), second.password.get_secret_value()) == ("hush", "s3cret")


def test_a_new_or_renamed_row_inherits_nothing() -> None:
    sent = settings().model_dump(mode="json")
    sent["receivers"][0]["name"] = "thief"
    tables = restore_secrets(sent, with_secrets(settings()))
    assert tables["receivers"][0]["password"] == ""
    assert restore_secrets({"password": HIDDEN}, None) == {"password": ""}
    assert restore_secrets({"password": HIDDEN}, {"password": {"a": 1}}) == {"password": ""}


def test_a_new_secret_replaces_the_old_one() -> None:
    sent = settings().model_dump(mode="json")
    sent["receivers"][0]["password"] = "newer"
    assert restore_secrets(sent, with_secrets(settings()))["receivers"][0]["password"] == "newer"
