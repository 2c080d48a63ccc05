"""A table of texts by key that is written in English and read in the language spoken."""

from collections.abc import Iterator, Mapping

from webmanager.language.spoken import gettext


class Words(Mapping[str, str]):
    """Reads like a dict of texts; what comes back is in the language spoken now."""

    def __init__(self, english: Mapping[str, str]) -> None:
        self.english = dict(english)

    def __getitem__(self, key: str) -> str:
        return gettext(self.english[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.english)

    def __len__(self) -> int:
        return len(self.english)
