"""How templates say a text in the language spoken: `_('...', name=value)`, `ngettext`, `{% trans %}`.

What a text is made of is always escaped, the text itself too: it may come from a table or another process.
"""

from jinja2 import Environment
from markupsafe import Markup, escape

from webmanager.language import spoken


def speak_in(environment: Environment) -> None:
    """Gives templates the words; a per cent sign stands for itself unless values are to be filled in."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}
    environment.globals["decimal_comma"] = lambda: spoken.spoken().comma


def _gettext(text: str, /, **values: object) -> str | Markup:
    return _filled(spoken.gettext(text), values)


def _ngettext(one: str, many: str, num: int, /, **values: object) -> str | Markup:
    return _filled(spoken.ngettext(one, many, num), {"num": num, **values})


def _filled(text: str, values: dict[str, object]) -> str | Markup:
    return escape(text) % values if values else text.replace("%%", "%")
