"""Saying a finished English sentence in another language: the catalogue's text it was made from is found again.

Events, alarms and errors are kept and sent in English, in whole sentences. A text of the catalogue with places, like
`{where} voltage {value}, over its limit of {limit}.`, is held against the sentence; what stands in the places is said
in the same way, and figures with a unit get the decimal sign. A sentence that fits nothing stays as it is.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

LONGEST = 1000
DEEPEST = 6
HEAVY = 5
"""Letters that a text must have beside its places to be told in a whole sentence; pieces within one may have fewer."""
_PLACE = re.compile(r"\{(\w+)\}")
_FIGURE = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?=[ \u00a0](?:V|A|K|W|kW|Ah|s|h|°C|mΩ|%|times)(?!\w))")
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
_DATE = re.compile(r"\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?=\d{4}\b)")

Say = Callable[[str], str]


@dataclass(frozen=True)
class Pattern:
    """A text with places, as the literals between them."""

    text: str

    @cached_property
    def literals(self) -> list[str]:
        """What stands before, between and after the places."""
        return _PLACE.split(self.text)[::2]

    @cached_property
    def places(self) -> list[str]:
        """The names of the places, in order."""
        return _PLACE.findall(self.text)

    @property
    def weight(self) -> int:
        """How much of it is literal: the heavier fits better."""
        return sum(map(str.isalpha, "".join(self.literals)))

    def values(self, sentence: str) -> dict[str, str] | None:
        """What stands in the places of a sentence made from this text, None if it is not; in linear time."""
        first, *middle, last = self.literals
        if not sentence.startswith(first) or not sentence.endswith(last):
            return None
        at, end, found = len(first), len(sentence) - len(last), []
        for literal in middle:
            upto = sentence.find(literal, at, end) if literal else -1
            if upto < 0:
                return None
            found.append(sentence[at:upto])
            at = upto + len(literal)
        if at > end:
            return None
        found.append(sentence[at:end])
        values: dict[str, str] = {}
        for place, value in zip(self.places, found, strict=True):
            if values.setdefault(place, value) != value:
                return None
        return values


def patterns_of(texts: Iterable[str]) -> tuple[Pattern, ...]:
    """The texts with places, the most literal first."""
    made = (Pattern(text) for text in texts if _PLACE.search(text))
    return tuple(sorted((one for one in made if one.weight), key=lambda one: (-one.weight, -len(one.text))))


@dataclass(frozen=True)
class Voice:
    """What it takes to say a sentence: the catalogue, its texts with places, and how figures and dates are written."""

    say: Say
    patterns: tuple[Pattern, ...]
    comma: bool
    day_mark: str

    def sentence(self, english: str, depth: int = DEEPEST) -> str:
        """A finished English sentence in this language."""
        if not english or len(english) > LONGEST or not any(map(str.isalpha, english)):
            return english
        for given, restore in _forms(english):
            whole = self.say(given)
            if whole != given:
                return restore(self._local(whole))
        made = self._made(english, depth - 1) if depth > 0 else None
        if made is None and len(parts := _SENTENCES.split(english)) > 1 and depth > 0:
            return " ".join(self.sentence(part, depth - 1) for part in parts)
        return self._local(english if made is None else made)

    def _made(self, english: str, depth: int) -> str | None:
        """The sentence from the heaviest text that fits it and has a translation; None if none does."""
        forms = sorted(_forms(english), key=lambda form: form[0].endswith("."))
        for pattern in self.patterns:
            if depth == DEEPEST - 1 and pattern.weight < HEAVY:
                return None
            for given, restore in forms:
                values = pattern.values(given)
                if values is not None and (text := self.say(pattern.text)) != pattern.text:
                    there = {name: self.sentence(value, depth) for name, value in values.items()}
                    return restore(_PLACE.sub(lambda place, there=there: there.get(place[1], place[0]), text))  # type: ignore[misc]
        return None

    def _local(self, text: str) -> str:
        if self.comma:
            text = _FIGURE.sub(r"\1,\2", text)
        return _DATE.sub(lambda date: f"{date[1]}{self.day_mark} {self.say(date[2])} ", text)


def _forms(sentence: str) -> list[tuple[str, Say]]:
    """A sentence as it stands, and as it may stand in the catalogue: with a full stop, with a small first letter."""
    forms: list[tuple[str, Say]] = [(sentence, str)]
    small = sentence[:1].lower() + sentence[1:]
    if small != sentence:
        forms.append((small, _capital))
    if not sentence.endswith((".", ":", "?")):
        forms.append((f"{sentence}.", _without_stop))
        if small != sentence:
            forms.append((f"{small}.", lambda text: _capital(_without_stop(text))))
    else:
        forms.append((sentence[:-1], lambda text: f"{text}{sentence[-1]}"))
        if small != sentence:
            forms.append((small[:-1], lambda text: f"{_capital(text)}{sentence[-1]}"))
    return forms


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _without_stop(text: str) -> str:
    return text.removesuffix(".")
