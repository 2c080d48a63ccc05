"""A language: its catalogue and its decimal sign. English is the source and needs no catalogue."""

import io
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webmanager.language.sentence import Pattern, Voice, patterns_of

DOMAIN = "webmanager"
NAMES = {"en": "English", "de": "Deutsch"}
"""Every language there is, in its own words."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language as somebody wants it; equal by code and decimal sign."""

    code: str
    comma: bool = False
    texts: NullTranslations = field(default_factory=NullTranslations, compare=False, repr=False)
    patterns: tuple[Pattern, ...] = field(default=(), compare=False, repr=False)

    @property
    def day_mark(self) -> str:
        """What stands behind the day of a date."""
        return "." if self.code == "de" else ""

    def say(self, text: str) -> str:
        """An English text in this language; the text itself where the catalogue lacks it."""
        return self.texts.gettext(text) if text else ""

    def count(self, one: str, many: str, number: int) -> str:
        """The one of two English texts that fits a number, in this language."""
        return self.texts.ngettext(one, many, number)

    def sentence(self, english: str) -> str:
        """A finished English sentence (an alarm, an error) in this language, as far as the catalogue knows it."""
        return _sentence(self, english) if self.patterns else english

    def with_sign(self, decimal: str) -> "Tongue":
        """The same language with a decimal `comma` or `point`; anything else keeps its own."""
        return replace(self, comma=decimal == "comma") if decimal in {"comma", "point"} else self


ENGLISH = Tongue("en")


@cache
def tongue(code: str) -> Tongue:
    """A language by its code, read once; English for a code that is not known."""
    if code not in NAMES or code == "en":
        return ENGLISH
    return _read(code)


@lru_cache(maxsize=4096)
def _sentence(tongue: Tongue, english: str) -> str:
    return Voice(tongue.say, tongue.patterns, tongue.comma, tongue.day_mark).sentence(english)


def _read(code: str) -> Tongue:
    """The catalogue of the package; compiled in memory, no file is written."""
    path = files(__package__).joinpath("locale", code, "LC_MESSAGES", f"{DOMAIN}.po")
    compiled = io.BytesIO()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=code, domain=DOMAIN)
    write_mo(compiled, catalogue)
    compiled.seek(0)
    patterns = patterns_of(message.id for message in catalogue if isinstance(message.id, str))
    return Tongue(code, comma=True, texts=GNUTranslations(compiled), patterns=patterns)
