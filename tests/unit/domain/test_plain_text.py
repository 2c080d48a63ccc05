from hypothesis import given
from hypothesis import strategies as st

from webmanager.domain.plain_text import to_ascii


def test_what_can_be_spelled_is() -> None:
    assert to_ascii("45.2 °C, −3 A, 4.2 mΩ, größer × …") == "45.2 deg C, -3 A, 4.2 mOhm, groesser x ..."
    assert to_ascii("日本") == "??"


@given(st.text())
def test_it_is_always_ascii(text: str) -> None:
    assert to_ascii(text).isascii()


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_stays_as_it_is(text: str) -> None:
    assert to_ascii(text) == text
