"""A language: its catalogue and its decimal sign. English is the source and needs no catalogue."""

import io
from dataclasses import dataclass, field, replace
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN = "webmanager"
NAMES = {"en": "English", "de": "Deutsch"}
"""Every language there is, in its own words."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language as somebody wants it; equal by code and decimal sign."""

    code: str
    comma: bool = False
    texts: NullTranslations = field(default_factory=NullTranslations, compare=False, repr=False)

    def say(self, text: str) -> str:
        """An English text in this language; the text itself where the catalogue lacks it."""
        return self.texts.gettext(text) if text else ""

    def count(self, one: str, many: str, number: int) -> str:
        """The one of two English texts that fits a number, in this language."""
        return self.texts.ngettext(one, many, number)

    def with_sign(self, decimal: str) -> "Tongue":
        """The same language with a decimal `comma` or `point`; anything else keeps its own."""
        return replace(self, comma=decimal == "comma") if decimal in {"comma", "point"} else self


ENGLISH = Tongue("en")


@cache
def tongue(code: str) -> Tongue:
    """A language by its code, read once; English for a code that is not known."""
    return Tongue(code, comma=True, texts=_compiled(code)) if code in NAMES and code != "en" else ENGLISH


def _compiled(code: str) -> GNUTranslations:
    """The catalogue of the package as gettext wants it; no file is written."""
    path = files(__package__).joinpath("locale", code, "LC_MESSAGES", f"{DOMAIN}.po")
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code, domain=DOMAIN))
    compiled.seek(0)
    return GNUTranslations(compiled)
