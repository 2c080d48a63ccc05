"""German, kind by kind: every alarm, its advice and its all-clear, every detail, every error people meet."""

import re

import pytest

from webmanager.domain.limits import ROWS, LimitRow
from webmanager.language.tongue import tongue

GERMAN = tongue("de")
KINDS = list(ROWS.values())
LEFT = re.compile(r"\b(the|and|of|over|under|above|below|since|limit|voltage|string|again|after|not)\b", re.IGNORECASE)
SINCE = ", since 20:40:12 UTC on 22 Nov 2026."


def ids(row: LimitRow) -> str:
    return row.kind


def english_in(text: str) -> str:
    """The first English word that is left; the names of parts may be English."""
    found = LEFT.search(text)
    return found[0] if found else ""


@pytest.mark.parametrize("row", KINDS, ids=ids)
def test_an_alarm_is_told_in_german(row: LimitRow) -> None:
    where = {"battery": "S3-17", "string": "string 3", "device": row.part}[row.scope.value]
    words = {"where": where, "value": f"12.5 {row.unit}".strip(), "limit": f"13.5 {row.unit}".strip(), "detail": "12 V"}
    english = row.text.format_map(words)
    said = GERMAN.sentence(f"{english[0].upper()}{english[1:-1]}{SINCE}")
    assert said.endswith(", seit 22. Nov. 2026, 20:40:12 UTC.")
    assert english_in(said) == "", said


@pytest.mark.parametrize("row", KINDS, ids=ids)
def test_its_label_and_advice_are_german(row: LimitRow) -> None:
    for english in (row.label, row.advice):
        assert english_in(GERMAN.sentence(english)) == ""


@pytest.mark.parametrize("row", KINDS, ids=ids)
def test_the_all_clear_is_german(row: LimitRow) -> None:
    english = row.over.format(where="S3-17", label=row.label, lasted="42 min")
    said = GERMAN.sentence(english)
    assert said != english
    assert "42 min" in said
    assert english_in(said) == "", said


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("13.03 V, 4.2 % below", "13,03 V, 4,2 % unter"),
        ("4.2 % above", "4,2 % über"),
        ("strings 2 to 8", "Stränge 2 bis 8"),
        ("strings 1, 4 and 6", "Stränge 1, 4 und 6"),
        ("behind S7-24 (8 modules silent)", "hinter S7-24 (8 Module stumm)"),
        ("before S7-1 (1 module silent)", "vor S7-1 (1 Modul stumm)"),
        ("in string 3 (2 modules silent)", "in Strang 3 (2 Module stumm)"),
        ("likely open at S2-4", "wahrscheinlich unterbrochen bei S2-4"),
        ("the other strings carry its load", "die anderen Stränge tragen seine Last"),
        ("S1-5 has 9.9", "S1-5 hat 9.9"),
        ("all 256 modules are silent", "alle 256 Module sind stumm"),
        ("the discharge is over", "die Entladung ist vorbei"),
        ("no data", "keine Daten"),
    ],
)
def test_a_detail_is_german(english: str, german: str) -> None:
    assert GERMAN.sentence(f"On battery: {english}.") == f"Batteriebetrieb: {german}."


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Input should be less than or equal to 256", "Höchstens 256 wird erwartet"),
        ("Input should be a valid integer", "Eine ganze Zahl wird erwartet"),
        ("Input should be 'host', 'ntp' or 'none'", "Möglich sind 'host', 'ntp' or 'none'"),
        ("String should have at most 60 characters", "Höchstens 60 Zeichen"),
        ("Value error, passphrases have at least 8 characters", "Passphrasen haben mindestens 8 Zeichen"),
        ("Extra inputs are not permitted", "Dieses Feld gibt es nicht"),
        ("too many wrong logins: next try in 8 s", "zu viele falsche Anmeldungen: nächster Versuch in 8 s"),
        ("there is no module '999': addresses are 1 to 256", "ein Modul '999' gibt es nicht: Adressen sind 1 bis 256"),
        (
            "this needs the role operator: anna has viewer",
            "dazu gehört die Rolle operator: anna hat viewer",
        ),
    ],
)
def test_an_error_is_german(english: str, german: str) -> None:
    assert GERMAN.sentence(english) == german


def test_what_people_write_stays_as_they_wrote_it() -> None:
    for text in ("Torque checked, all good", "S3-17 looks fine", "v1.5 installed"):
        assert GERMAN.sentence(text) == text
