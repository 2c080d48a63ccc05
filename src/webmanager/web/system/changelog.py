"""The history of versions, from the changelog that comes with the software."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: its heading, and a text for each change."""

    title: str
    changes: Sequence[str]


def changelog() -> Path:
    """The file: in the installed package, else in the checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "changelog.md"
    return installed if installed.is_file() else package.parents[1] / "docs" / "changelog.md"


def history(path: Path) -> list[VersionView]:
    """All versions, the newest first; nothing where the file is missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    _before, *versions = re.split(r"^## ", text, flags=re.MULTILINE)
    return [_version(part) for part in versions]


def _version(text: str) -> VersionView:
    title, _newline, body = text.partition("\n")
    changes = re.split(r"^- ", body, flags=re.MULTILINE)[1:]
    return VersionView(_plain(title), [_plain(change) for change in changes])


def _plain(text: str) -> str:
    """Without the marks of emphasis and code, on one line."""
    return re.sub(r"[`*]", "", " ".join(text.split()))
