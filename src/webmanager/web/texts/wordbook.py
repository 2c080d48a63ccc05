"""A table of texts by key that is written in English and read in the language spoken."""

from collections.abc import Iterator, Mapping

from webmanager.language.spoken import gettext

_TABLES: list["Words"] = []


def tables() -> tuple["Words", ...]:
    """Every table there is in the modules that are loaded, for the catalogue."""
    return tuple(_TABLES)


class Words(Mapping[str, str]):
    """Reads like a dict of texts; what comes back is in the language spoken now."""

    def __init__(self, english: Mapping[str, str]) -> None:
        self.english = dict(english)
        _TABLES.append(self)

    def __getitem__(self, key: str) -> str:
        return gettext(self.english[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.english)

    def __len__(self) -> int:
        return len(self.english)
