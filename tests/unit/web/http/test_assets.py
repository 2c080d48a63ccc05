"""Static files: found, hashed, packed."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from webmanager.web.http.assets import StaticFiles, assets

VENDOR = assets("static") / "vendor"


def folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "deep").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / name.replace("__", "/").replace("_", ".")).write_text(text)
    return tmp_path


def test_both_folders_are_found() -> None:
    assert (assets("static") / "app.css").is_file()
    assert (assets("templates") / "base.html").is_file()


def test_a_folder_that_is_missing_is_said_in_one_line() -> None:
    with pytest.raises(Exception, match="the folder nonsense is missing"):
        assets("nonsense")


def test_the_version_changes_with_any_byte(tmp_path: Path) -> None:
    first = StaticFiles(folder(tmp_path, a_css="x", deep__b_js="y")).version
    assert StaticFiles(folder(tmp_path)).version == first
    assert StaticFiles(folder(tmp_path, deep__b_js="z")).version != first


def test_the_version_changes_with_a_name(tmp_path: Path) -> None:
    first = StaticFiles(folder(tmp_path, a_css="x")).version
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    assert StaticFiles(tmp_path).version != first


def test_a_url_carries_the_version_and_a_typo_fails(tmp_path: Path) -> None:
    files = StaticFiles(folder(tmp_path, a_css="x"))
    assert files.url("a.css") == f"/static/{files.version}/a.css"
    with pytest.raises(KeyError):
        files.url("b.css")


def test_text_is_packed_where_that_helps(tmp_path: Path) -> None:
    files = StaticFiles(folder(tmp_path, a_css="body { }" * 100, b_css="x", c_png="p" * 1000))
    packed = files.get("a.css")
    assert packed is not None
    assert packed.packed is not None
    assert gzip.decompress(packed.packed) == packed.plain
    assert [files.get(name).packed for name in ("b.css", "c.png")] == [None, None]  # type: ignore[union-attr]


def test_hidden_files_and_paths_out_of_the_folder_are_not_there(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").write_text("")
    files = StaticFiles(folder(tmp_path, a_css="x"))
    assert files.get(".gitkeep") is files.get("../a.css") is files.get("/etc/passwd") is None


def test_scripts_have_a_type_that_browsers_run(tmp_path: Path) -> None:
    file = StaticFiles(folder(tmp_path, a_js="x")).get("a.js")
    assert file is not None
    assert file.content_type == "text/javascript"


def test_files_of_other_people_are_unchanged() -> None:
    listed = dict(re.findall(r"\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text()))
    there = {path.name for path in VENDOR.iterdir()} - {"README.md"}
    assert set(listed) == there
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
