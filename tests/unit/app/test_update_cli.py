"""`webmanager update`: keys, signatures, verification."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fakes.packages import VERSION, wheel
from webmanager.app.update_cli import update_app
from webmanager.domain.errors import ConfigError


def run(*arguments: str) -> str:
    done = CliRunner().invoke(update_app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output.strip()


def test_a_package_is_signed_and_verified(tmp_path: Path) -> None:
    private, path = tmp_path / "key", wheel(tmp_path)
    public = run("new-key", "--private", str(private))
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    signature = run("sign", str(path), "--private", str(private))
    told = run("verify", str(path), "--key", public)
    assert f"webmanager-{VERSION}-py3-none-any.whl: 5 files" in told
    assert run("verify", str(path), "--key", public, "--signature", signature) == told
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ConfigError, match="the signature is not by"):
        run("verify", str(path), "--key", public)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    private = tmp_path / "key"
    run("new-key", "--private", str(private))
    with pytest.raises(ConfigError, match="cannot be written"):
        run("new-key", "--private", str(private))


def test_files_that_are_none_say_so(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    (tmp_path / "key").write_text("nonsense")
    with pytest.raises(ConfigError, match="is no private key"):
        run("sign", str(path), "--private", str(tmp_path / "key"))
    with pytest.raises(ConfigError, match=r"\.sig: cannot be read"):
        run("verify", str(path), "--key", "x")
