"""The language of the task at hand: set at its door (a request, a message), asked wherever a text is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from webmanager.language.tongue import ENGLISH, Tongue

_SPOKEN: ContextVar[Tongue] = ContextVar("spoken", default=ENGLISH)


def spoken() -> Tongue:
    """The language in which this task speaks; English until it is told otherwise."""
    return _SPOKEN.get()


@contextmanager
def speaking(tongue: Tongue) -> Iterator[None]:
    """Within it this task speaks a language."""
    token = _SPOKEN.set(tongue)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def gettext(text: str) -> str:
    """An English text in the language spoken now; import it as `_`."""
    return _SPOKEN.get().say(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The one of two English texts that fits a number, in the language spoken now."""
    return _SPOKEN.get().count(one, many, number)


def marked(text: str) -> str:
    """An English text of a table, marked for translation; `gettext` says it when it is shown."""
    return text


def sentence(english: str) -> str:
    """A finished English sentence (an alarm, an error) in the language spoken now."""
    return _SPOKEN.get().sentence(english)
