import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.sms import read
from webmanager.notify.sms_pdu import MOST_PARTS, submit


def decoded(number: str, text: str) -> tuple[str, list[str]]:
    """Number and texts as an independent decoder reads them."""
    parts = [read(pdu.text) for pdu in submit(number, text, 42)]
    return parts[0].number, [part.text for part in parts]


def test_a_text_worked_by_hand() -> None:
    # 3GPP TS 23.040: SUBMIT with a relative validity, +15551234567, default alphabet, one day, 10 septets "hellohello"
    (pdu,) = submit("+15551234567", "hellohello", 0)
    assert pdu.text == "0011000B915155214365F70000A70AE8329BFD4697D9EC37"
    assert pdu.length == len(pdu.text) // 2 - 1 == 23


def test_a_national_number_with_an_even_count() -> None:
    (pdu,) = submit("0123456789", "x", 0)
    assert pdu.text.startswith("0011000A811032547698")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("x" * 9999, MOST_PARTS),
        ("ж" * 9999, MOST_PARTS),
    ],
)
def test_how_many_parts_a_text_needs(text: str, parts: int) -> None:
    pdus = submit("+491701234567", text, 42)
    assert len(pdus) == parts
    assert all(pdu.length <= 176 for pdu in pdus)


def test_parts_are_joined_by_reference_and_number() -> None:
    assert [read(pdu.text).part for pdu in submit("+49170", "x" * 200, 42)] == [
        {"reference": 42, "parts_count": 2, "part_number": 1},
        {"reference": 42, "parts_count": 2, "part_number": 2},
    ]


def test_an_escape_and_a_pair_are_never_torn() -> None:
    assert decoded("+49170", "x" * 152 + "€" + "y" * 20)[1] == ["x" * 152, "€" + "y" * 20]
    assert decoded("+49170", "ж" * 66 + "🔋" + "я" * 10)[1] == ["ж" * 66, "🔋" + "я" * 10]


def test_what_the_alphabet_lacks_is_spelled() -> None:
    assert decoded("+49170", "45 °C … −3 A")[1] == ["45  degC ... -3 A"]
    assert decoded("+49170", "Größe ÄÖÜ ß Ω €")[1] == ["Größe ÄÖÜ ß Ω €"]


@settings(max_examples=60)
@given(st.text(st.sampled_from("abcXYZ 0189@£$_^{}[]~|€\\äöüßÅΔΩ\n"), max_size=500))
def test_any_text_of_the_alphabet_comes_back(text: str) -> None:
    number, parts = decoded("+491701234567", text)
    assert number == "491701234567"
    assert "".join(parts) == text


@settings(max_examples=60)
@given(st.text(max_size=200).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text)))
def test_any_other_text_comes_back_too(text: str) -> None:
    assert "".join(decoded("+491701234567", text + "ж")[1]) == text + "ж"
