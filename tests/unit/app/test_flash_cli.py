"""`webmanager flash info | verify | export`."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fakes.snapshot_series import SnapshotSeries
from webmanager.app.flash_cli import flash_app
from webmanager.domain.errors import StoreError
from webmanager.domain.installation import BlockType, Installation
from webmanager.store.fill import fill_directory
from webmanager.store.medium import IMAGE, open_to_write
from webmanager.store.shelf import MANIFEST

INSTALLATION = Installation(4, 2, BlockType())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    fill_directory(path, INSTALLATION, SnapshotSeries(INSTALLATION), 3.0, fine_days=1.0, sectors=128)
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(flash_app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_info_tells_budget_and_reach(data: Path) -> None:
    text = run("info", "--data", str(data))
    assert "flash       0.5 MiB" in text
    assert "minutes          3.0 days" in text
    assert "retired     0 sectors" in text


def test_verify_counts_what_it_read(data: Path) -> None:
    assert "volumes" in run("verify", "--data", str(data))


def test_verify_names_what_is_wrong(data: Path, tmp_path: Path) -> None:
    image = bytearray((data / IMAGE).read_bytes())
    used = [at for at in range(0, len(image), 4096) if image[at + 16] == 2]
    image[used[0] + 200] ^= 0xFF
    (tmp_path / IMAGE).write_bytes(image)
    with pytest.raises(StoreError, match="wrong with"):
        run("verify", "--data", str(tmp_path))


def test_export_makes_an_archive(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    assert "files in" in run("export", "--data", str(data), "--out", str(out))
    with zipfile.ZipFile(out) as archive:
        assert "battery_15_11_2023_volt.csv" in archive.namelist()
        assert MANIFEST in archive.namelist()


def test_export_of_a_month(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    run("export", "--data", str(data), "--out", str(out), "--month", "11_2023")
    with zipfile.ZipFile(out) as archive:
        assert all("_11_2023_" in name or name == MANIFEST for name in archive.namelist())
    with pytest.raises(StoreError, match="no file of 01_1999"):
        run("export", "--data", str(data), "--out", str(tmp_path / "b.zip"), "--month", "01_1999")


def test_export_overwrites_nothing(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    out.write_text("precious")
    with pytest.raises(StoreError, match="is not overwritten"):
        run("export", "--data", str(data), "--out", str(out))
    assert out.read_text() == "precious"


@pytest.mark.parametrize("command", ["info", "verify", "export"])
def test_without_an_image_one_line(command: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no flash image"):
        run(command, "--data", str(tmp_path))


def test_an_empty_store_has_nothing_to_export(tmp_path: Path) -> None:
    open_to_write(tmp_path, 8).close()
    with pytest.raises(StoreError, match="nothing is stored"):
        run("export", "--data", str(tmp_path), "--out", str(tmp_path / "a.zip"))


def test_it_reads_beside_a_writer_and_writes_nothing(data: Path) -> None:
    writer = open_to_write(data)
    before = (data / IMAGE).read_bytes()
    run("info", "--data", str(data))
    assert (data / IMAGE).read_bytes() == before
    writer.close()
