"""How templates say a text: escaped, filled in, in the language spoken."""

import jinja2
import pytest

from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.web.texts.template_words import speak_in


@pytest.fixture
def environment() -> jinja2.Environment:
    made = jinja2.Environment(autoescape=True)
    speak_in(made)
    return made


def test_a_text_is_said_in_the_language_spoken(environment: jinja2.Environment) -> None:
    template = environment.from_string("{{ _('Battery') }} {% trans %}Battery{% endtrans %}")
    assert template.render() == "Battery Battery"
    with speaking(tongue("de")):
        assert template.render() == "Batterie Batterie"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ _('1 % off', x=0) if false else _('1 % off') }}", "1 % off"),
        ("{{ _('%(n)s of 100 %%', n=3) }}", "3 of 100 %"),
        ("{% trans n=3 %}{{ n }} of 100 %{% endtrans %}", "3 of 100 %"),
        ("{% trans %}100 %{% endtrans %}", "100 %"),
        ("{{ ngettext('%(num)s day', '%(num)s days', 1) }}", "1 day"),
        ("{{ ngettext('%(num)s day', '%(num)s days', 5) }}", "5 days"),
        ("{% trans count=2 %}one{% pluralize %}{{ count }} of them{% endtrans %}", "2 of them"),
    ],
)
def test_values_are_filled_in(environment: jinja2.Environment, source: str, said: str) -> None:
    assert environment.from_string(source).render() == said


def test_neither_text_nor_value_becomes_markup(environment: jinja2.Environment) -> None:
    template = environment.from_string("{{ _(text) }}{{ _('by %(who)s', who=text) }}{{ _(text, n=1) }}")
    assert "<i>" not in template.render(text="<i>")


def test_lines_of_a_block_become_one(environment: jinja2.Environment) -> None:
    template = environment.from_string("{% trans %}\n  one\n  line\n{% endtrans %}")
    assert template.render() == "one line"
