"""The configuration as one file that leaves a device and comes to another: plain TOML, no secret, nothing to unpack."""

import tomllib
from typing import Any

from webmanager.settings.mistakes import SettingsError
from webmanager.settings.model import Settings
from webmanager.settings.toml_text import toml_of

LARGEST_IMPORT_BYTES = 256 * 1024


def exported(settings: Settings) -> str:
    """All sections; a secret that is set is ten asterisks."""
    head = ("The configuration of a device, without its secrets: ten asterisks stand for one that is set.",)
    return toml_of(settings, settings.model_dump(mode="json"), head)


def imported(text: str) -> dict[str, Any]:
    """The tables of such a file, not judged yet; SettingsError if it is too long or no TOML."""
    if len(text.encode()) > LARGEST_IMPORT_BYTES:
        raise SettingsError([("", f"the file is longer than {LARGEST_IMPORT_BYTES} bytes")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([("", f"the file is not TOML: {error}")]) from None
    except RecursionError:
        raise SettingsError([("", "the file is nested too deeply")]) from None
