"""CVE-2022-47188 of this family: a backup with links that read any file. Here no name becomes a path."""

import io
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from fakes.site import Bench
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.file import read_settings
from webmanager.settings.model import Settings

OUT = (
    "../settings.toml",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "%2e%2e/etc/passwd",
    "..\\..\\etc\\passwd",
    "C:\\boot.ini",
    "\x00/etc/passwd",
    "battery.csv/../../../etc/passwd",
    "file:///etc/passwd",
    "x" * 5000,
)


@pytest.mark.parametrize("name", OUT)
async def test_a_file_outside_the_shelf_is_not_there(device: Bench, name: str) -> None:
    for path in (f"/api/v1/files/{quote(name, safe='')}", f"/static/x/{quote(name, safe='')}"):
        status, said, _ = await device.get(path)
        assert status in {400, 404, 405}, path
        assert "root:" not in str(said)
    status, _, _ = await device.ask("POST", "/api/v1/files/archive", json={"names": [name]})
    assert status in {404, 422}


async def test_an_archive_holds_names_of_the_shelf_alone(device: Bench) -> None:
    names = [entry["name"] for entry in (await device.get("/api/v1/files"))[1]["files"]]
    async with device.client.post(f"{device.url}/api/v1/files/archive", json={"names": names}) as answer:
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    for member in archive.infolist():
        assert not member.filename.startswith(("/", "."))
        assert ".." not in member.filename
        assert (member.external_attr >> 16) & 0o170000 in {0, 0o100000}, "a plain file"


@pytest.mark.parametrize("text", ["include = '/etc/passwd'", "[installation]\nname = '../../etc/passwd'"])
def test_settings_name_no_file_that_would_be_read(tmp_path: Path, text: str) -> None:
    """A path in a text is a text; a key that would include something is not known."""
    (tmp_path / "settings.toml").write_text(text)
    try:
        settings = read_settings(tmp_path)
    except ValueError as error:
        raise AssertionError("errors of the operator are explained") from error
    except Exception as error:
        assert "not known" in str(error)  # noqa: PT017
    else:
        assert settings.installation.name == "../../etc/passwd"


def test_what_is_shown_of_the_settings_holds_no_secret() -> None:
    given = {
        "snmp": {"communities": [{"name": "tell-nobody"}]},
        "notify": {
            "receivers": [{"type": "webhook", "name": "w", "url": "https://x.example/", "token": "tell-nobody"}]
        },
    }
    desk = SettingsDesk(Settings.model_validate(given))
    assert "tell-nobody" not in desk.applied.model_dump_json()
    assert "tell-nobody" not in repr(desk.applied)
