from hypothesis import given
from hypothesis import strategies as st

from fakes.events import event
from webmanager.engine.job_text import PLACEHOLDERS, event_values, expand, unknown_names, with_unit


def test_names_are_replaced_by_values() -> None:
    text = expand("#SEVERITY at #SOURCE: #VALUE (limit #LIMIT), #DATE #TIME", event_values(event()))
    assert text == "alarm at battery S3-17: 14.52 V (limit 14.4 V), 2023-11-14 22:13:20"


def test_what_is_not_known_is_a_dash_and_never_a_zero() -> None:
    assert expand("#AUTONOMTIME min, #BATTCAP %", {"BATTCAP": ""}) == "- min, - %"


def test_a_name_that_means_nothing_stays_and_is_told_to_the_editor() -> None:
    assert expand("#NONSENSE and ##NAME", {"NAME": "x"}) == "#NONSENSE and #NAME"
    assert unknown_names("#NONSENSE #NAME ##HASH #Other") == ["NONSENSE", "O"]


def test_a_value_is_never_expanded_again() -> None:
    assert expand("#TEXT", {"TEXT": "#ADVICE ##", "ADVICE": "secret"}) == "#ADVICE ##"


def test_every_name_an_event_fills_is_documented() -> None:
    assert event_values(event()).keys() <= PLACEHOLDERS.keys()


def test_no_figure_is_an_empty_text() -> None:
    assert [with_unit(None, "V"), with_unit(float("nan"), "V"), with_unit(0.0, "V")] == ["", "", "0 V"]


@given(st.text(alphabet="#ABTEXX{}%$()`\n \\", max_size=40))
def test_no_template_can_do_more_than_name_values(template: str) -> None:
    assert isinstance(expand(template, dict.fromkeys(PLACEHOLDERS, "{0}%s$(id)")), str)
