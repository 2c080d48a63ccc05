"""`webmanager update`: verifies a package as the device does; makes keys and signatures for those who publish one."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webmanager import __version__
from webmanager.domain.errors import ConfigError
from webmanager.update.package import CONTEXT, LARGEST_BYTES, verify

update_app = typer.Typer(no_args_is_help=True, help="Verifies, and signs, update packages.")

_File = Annotated[Path, typer.Argument(help="The package: a wheel.", exists=True, dir_okay=False)]


@update_app.command("verify")
def verify_package(
    file: _File,
    key: Annotated[str, typer.Option(help="Public key, base64: as in the hardware file.")],
    signature: Annotated[str, typer.Option(help="Its signature, base64; without it the file with .sig behind.")] = "",
    running: Annotated[str, typer.Option(help="Version that must be older.")] = __version__,
) -> None:
    """Says what a package is, or why the device would refuse it; opens nothing of it before that is known."""
    package = verify(file, signature or _read(file.with_name(file.name + ".sig")), key, running)
    typer.echo(f"{package.file_name}: {package.files} files, sha256 {package.sha256}, signature and list fit")


@update_app.command("sign")
def sign_package(
    file: _File,
    private: Annotated[Path, typer.Option(help="File with the private key.", exists=True, dir_okay=False)],
) -> None:
    """Writes the signature of a package to a file with .sig behind its name, and prints it."""
    try:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(_read(private), validate=True))
    except ValueError:
        raise ConfigError(f"{private}: is no private key: 32 bytes in base64 are expected") from None
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    signature = base64.b64encode(key.sign(CONTEXT + digest)).decode()
    file.with_name(file.name + ".sig").write_text(signature + "\n", encoding="ascii")
    typer.echo(signature)


@update_app.command("new-key")
def new_key(private: Annotated[Path, typer.Option(help="Where the private key is written; must not exist.")]) -> None:
    """Makes a pair of keys: the private one into a file for its owner alone, the public one to print."""
    key = Ed25519PrivateKey.generate()
    try:
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{private}: cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(key.private_bytes_raw()).decode() + "\n")
    typer.echo(base64.b64encode(key.public_key().public_bytes_raw()).decode())


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{path}: is too long")
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
