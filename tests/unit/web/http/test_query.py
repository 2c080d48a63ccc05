"""What stands behind the question mark is checked, and every refusal names its field."""

from datetime import timedelta, timezone

import pytest

from webmanager.web.http.problem import Problem
from webmanager.web.http.query import moment_from, moment_in, only, refused, whole

EAST = timezone(timedelta(hours=2))


def field_of(problem: Problem) -> str:
    errors = problem.extra["errors"]
    assert isinstance(errors, list)
    return str(errors[0]["field"])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("1700000000", 1.7e9),
        ("1700000000.25", 1_700_000_000.25),
        ("2023-11-14T22:13:20", 1.7e9),
        ("2023-11-14T22:13:20Z", 1.7e9),
        ("2023-11-15T00:13:20+02:00", 1.7e9),
        ("2023-11-14", 1_699_920_000.0),
        ("-5", -5.0),
    ],
)
def test_moments_in_both_forms(text: str, seconds: float) -> None:
    assert moment_from(text, "from") == seconds


def test_a_time_without_a_zone_is_in_the_one_of_the_page() -> None:
    assert moment_from("2023-11-15T00:13:20", "from", EAST) == 1.7e9
    assert moment_from("2023-11-14T22:13:20Z", "from", EAST) == 1.7e9, "one that says its zone keeps it"


@pytest.mark.parametrize("text", ["now", "nan", "inf", "-inf", "1e12", "2023-13-01", "14.11.2023", "x" * 500])
def test_what_is_no_time_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Problem) as caught:
        moment_from(text, "until")
    assert (caught.value.status, field_of(caught.value)) == (422, "until")
    assert len(caught.value.detail) < 120, "a long text is not sent back whole"


def test_a_moment_that_is_not_given_is_none() -> None:
    assert moment_in({}, "from") is None
    assert moment_in({"from": ""}, "from") is None
    assert moment_in({"from": "60"}, "from") == 60.0


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), ("500", 500)])
def test_whole_numbers(text: str, number: int) -> None:
    assert whole(text, "limit", 500) == number


@pytest.mark.parametrize("text", ["", "0", "501", "-1", "1.5", "1e2", "٣", "9" * 30, " 1"])
def test_what_is_no_whole_number_in_range(text: str) -> None:
    with pytest.raises(Problem) as caught:
        whole(text, "limit", 500)
    assert field_of(caught.value) == "limit"
    assert "1 to 500" in caught.value.detail


def test_an_unknown_name_lists_the_known_ones() -> None:
    only({"from": "1"}, {"from", "to"})
    with pytest.raises(Problem, match="form: is not known: from, to"):
        only({"form": "1"}, {"to", "from"})


def test_a_refusal_is_a_422_with_field_and_reason() -> None:
    problem = refused("to", "must be after from")
    assert problem.document()["errors"] == [{"field": "to", "reason": "must be after from"}]
    assert (problem.status, problem.detail) == (422, "to: must be after from")
