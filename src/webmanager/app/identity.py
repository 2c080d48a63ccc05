"""The serial number of this device: made once, kept with its data."""

import re
import secrets
from pathlib import Path

from webmanager.settings.file import write_atomically

_SERIAL = re.compile(r"\d{6}")


def device_serial(data_dir: Path) -> str:
    """Six digits; a damaged file is replaced by a new number."""
    path = data_dir / "serial"
    try:
        serial = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        serial = ""
    if not _SERIAL.fullmatch(serial):
        serial = f"{secrets.randbelow(1_000_000):06d}"
        write_atomically(path, f"{serial}\n")
    return serial
