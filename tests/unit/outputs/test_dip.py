"""DIP switches behind files of the kernel."""

from pathlib import Path

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.outputs.dip import FileDips


@pytest.mark.parametrize(
    ("one", "two", "dips"),
    [("1\n", "0\n", Dips(True, False)), ("0", "0", Dips(False, False)), ("0\n", "255\n", Dips(False, True))],
)
def test_they_are_read_from_their_files(tmp_path: Path, one: str, two: str, dips: Dips) -> None:
    (tmp_path / "one").write_text(one)
    (tmp_path / "two").write_text(two)
    assert FileDips(tmp_path / "one", tmp_path / "two").read() == dips


def test_a_missing_file_counts_as_in_normal_mode_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "two").write_text("0")
    assert FileDips(tmp_path / "one", tmp_path / "two").read() == Dips(True, False)
    assert "cannot be read" in caplog.text


def test_only_a_hand_moves_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="switches of this host"):
        FileDips(tmp_path / "one", tmp_path / "two").move(Dips())
