"""Brings the translations up to date: `make words` (`python -m webmanager.app.message_catalogue`), from a checkout.

Texts come from templates and code, where they are marked with `_`, and from the tables people read. A text that is
no longer said is dropped, a new one stands there without its translation; `--check` writes nothing and lists both.
"""

import io
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from webmanager.app.sentences import sentences
from webmanager.domain.limits import ROWS
from webmanager.language.tongue import DOMAIN, NAMES
from webmanager.notify.message import HEADINGS
from webmanager.room.fault_kinds import KINDS
from webmanager.room.scenario import built_in
from webmanager.settings.labels import texts_of
from webmanager.settings.mistakes import WORDS
from webmanager.settings.model import Settings
from webmanager.web.history.views import QUANTITIES as CURVES
from webmanager.web.history.views import RANGES, STATE_SAID, SUFFIXES, TIER_LABELS
from webmanager.web.looks.judge import QUANTITIES
from webmanager.web.metrics.table import COUNTED
from webmanager.web.settings.page_map import PAGES
from webmanager.web.texts.wordbook import tables

ROOT = Path(__file__).parents[3]
PACKAGE = Path(__file__).parents[1]
HEADER = """# Translations of webmanager; `make words` keeps it in step with the texts.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
_JINJA = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}

Message = str | tuple[str, ...]


def path_of(code: str) -> Path:
    """The catalogue of a language in the checkout."""
    return ROOT / "src/webmanager/language/locale" / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def collected() -> list[Message]:
    """Every text somebody may read, sorted; a pair is singular and plural."""
    found = {
        text: None for source in (_marked(), _tables(), _settings(), sentences(PACKAGE)) for text in source if text
    }
    plurals = {one for one, *_ in (text for text in found if isinstance(text, tuple))}
    return sorted(
        (text for text in found if text not in plurals), key=lambda text: (text, "") if isinstance(text, str) else text
    )


def brought_up_to_date(code: str, known: Catalog) -> Catalog:
    """A catalogue of exactly the texts there are, with the translations known."""
    catalogue = Catalog(locale=code, domain=DOMAIN)
    for text in collected():
        old = known.get(text)
        catalogue.add(text, old.string if old else None)
    return catalogue


def read(code: str) -> Catalog:
    """The catalogue of a language as it stands; empty if there is none yet."""
    path = path_of(code)
    if not path.exists():
        return Catalog(locale=code, domain=DOMAIN)
    with path.open("rb") as source:
        return read_po(source, locale=code, domain=DOMAIN)


def written(catalogue: Catalog, code: str) -> str:
    """The file, without anything that changes by itself: no dates, no places."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True)
    return HEADER.format(code=code) + body.getvalue().decode()


def main(arguments: list[str]) -> int:
    """Writes or checks; 1 if something is missing or too much."""
    result = 0
    for code in NAMES:
        if code == "en":
            continue
        known = read(code)
        catalogue = brought_up_to_date(code, known)
        missing = [message.id for message in catalogue if message.id and not all(_strings(message.string))]
        unused = [message.id for message in known if message.id and message.id not in catalogue]
        if "--check" in arguments:
            result |= bool(missing or unused)
        else:
            path_of(code).write_text(written(catalogue, code), encoding="utf-8")
        sys.stdout.write("".join(f"{code}: not translated: {text}\n" for text in missing))
        sys.stdout.write("".join(f"{code}: no longer said: {text}\n" for text in unused))
    return result


def _strings(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string or ""),)


def _marked() -> Iterator[Message]:
    """What is marked in templates and code."""
    for folder, pattern, method, options in (
        (ROOT / "templates", "*.html", "jinja2", _JINJA),
        (ROOT / "src/webmanager", "*.py", "python", {}),
    ):
        for path in sorted(folder.rglob(pattern)):
            with path.open("rb") as source:
                for _, text, *_rest in extract(method, source, keywords=_KEYWORDS, options=options):
                    yield text


def _tables() -> Iterator[str]:
    """What tables say."""
    import_module("webmanager.web.server")  # brings every module with a table of words
    for table in tables():
        yield from table.english.values()
    for row in ROWS.values():
        yield from (row.label, row.text, row.advice, row.over)
    for quantity in QUANTITIES:
        yield from (quantity.label, quantity.short, quantity.scale)
    for kind in KINDS.values():
        yield from (kind.title, kind.help, kind.unit)
    for scenario in built_in().values():
        yield from (scenario.title, scenario.text)
    for curve in CURVES:
        yield curve.label
    for stretch in RANGES:
        yield stretch.label
    yield from TIER_LABELS.values()
    yield from HEADINGS.values()
    yield from (metric.help for metric in COUNTED)
    yield from (said for _, said in STATE_SAID.values())
    yield from (label for _, label in SUFFIXES)
    yield from ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _settings() -> Iterator[str]:
    """What forms and the menu of the settings say, errors included; a mere number needs no translation."""
    yield from (page.title for page in PAGES.values())
    yield from WORDS.values()
    yield from (text for text in texts_of(Settings) if any(map(str.isalpha, text)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
