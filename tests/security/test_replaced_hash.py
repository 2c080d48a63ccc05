"""CVE-2022-47192 of this family: a backup that replaced the admin's hash. Here users are no part of an import."""

import copy
from pathlib import Path
from typing import Any

import pytest

from fakes.site import PASSWORD, USER, Bench, basic
from webmanager.domain.errors import ConfigError
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.file import read_settings
from webmanager.settings.mistakes import SettingsError

USERS = {"users": [{"name": "admin", "role": "admin", "hash": "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA"}]}


@pytest.mark.parametrize("section", ["users", "tokens", "state", "web.users", "__class__", "model_config", "", "."])
def test_no_section_of_the_settings_leads_to_users(settings: SettingsDesk, section: str) -> None:
    before = settings.applied
    with pytest.raises(SettingsError):
        settings.apply(section, USERS, "admin", 0.0)
    assert settings.applied == before


def test_a_file_of_settings_with_users_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[[users]]\nname = "admin"\nrole = "admin"\nhash = "x"\n')
    with pytest.raises(ConfigError, match="users"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '[[users]]\nname = "admin"\nrole = "admin"\nhash = "x"\n',
        '[users.admin]\nhash = "x"\n',
        "[state]\nusers = []\n",
        '[web]\nusers = ["admin"]\n',
        '[scan]\nperiod_s = 5.0\n[tokens]\ndigest = "x"\n',
    ],
)
async def test_an_import_with_users_is_refused_whole(device: Bench, settings: SettingsDesk, text: str) -> None:
    before = copy.deepcopy(device.keeper.documents), settings.applied
    assert (await device.ask("POST", "/api/v1/settings/import", json={"toml": text}))[0] == 422
    assert (device.keeper.documents, settings.applied) == before
    assert (await device.get("/api/v1/system", headers=basic(USER, PASSWORD)))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        USERS,
        {"hash": "x"},
        {"name": "evil", "role": "admin", "hash": "x", "password": "a long sentence"},
        {"name": "evil", "role": 3, "password": "a long sentence"},
        {"name": ["admin"], "role": "admin", "password": "a long sentence"},
    ],
)
async def test_no_call_takes_a_hash(device: Bench, body: dict[str, Any]) -> None:
    await device.ask("POST", "/api/v1/users", json={"name": "kim", "role": "viewer", "password": "a long sentence"})
    before = copy.deepcopy(device.keeper.documents)
    for method, path in (("POST", "/users"), ("PUT", "/users/kim"), ("PUT", "/password")):
        assert (await device.ask(method, f"/api/v1{path}", json=body))[0] == 422
    assert device.keeper.documents == before
    assert (await device.get("/api/v1/system", headers=basic(USER, PASSWORD)))[0] == 200


async def test_no_answer_holds_a_hash(device: Bench) -> None:
    await device.ask("POST", "/api/v1/users", json={"name": "kim", "role": "viewer", "password": "a long sentence"})
    await device.ask("POST", "/api/v1/tokens", json={"name": "t", "role": "viewer", "days": 9})
    for path in ("/api/v1/users", "/api/v1/tokens", "/api/v1/sessions", "/settings/users"):
        said = str((await device.get(path))[1])
        assert "argon2" not in said
        assert device.server.site.tokens.listed[0].digest not in said
