"""Sentences are found in the source, wherever code puts them together for people."""

from pathlib import Path

import pytest

from webmanager.app.sentences import ASSIGNED_IN, OBJECTIONS, PHRASES, RAISED_IN, RETURNED_IN, sentences

PACKAGE = Path(__file__).parents[3] / "src" / "webmanager"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with an empty file for each place that is looked at."""
    for name in (*RAISED_IN, *RETURNED_IN, *ASSIGNED_IN):
        path = tmp_path / name
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        else:
            path.mkdir(exist_ok=True)
    return tmp_path


def found(package: Path, source: str, name: str = "web/x.py") -> set[str]:
    (package / name).write_text(source)
    return set(sentences(package)) - set(PHRASES)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('raise ConfigError("the port is in use")', {"the port is in use"}),
        ('raise Problem(404, f"there is no battery {name[:32]!r}")', {"there is no battery {name}"}),
        ('raise Problem(422, f"{low} lies above {low}")', {"{low} lies above {low2}"}),
        ('x = Problem(503, reason or "nothing is stored")', {"nothing is stored"}),
        ('raise Problem(403, a.b, extra={"change_at": "/password"})', set()),
        ('raise ValueError(f"{a}: {b}")', set()),
        ('raise ValueError("word")', set()),
        ('raise X(f"limit of {limit.value:.2f} V is too high") from None', {"limit of {value} V is too high"}),
        ("raise", set()),
        ('def other():\n    return "this is not for people"', set()),
    ],
)
def test_what_is_raised_is_said(package: Path, source: str, texts: set[str]) -> None:
    assert found(package, source) == texts


@pytest.mark.parametrize("name", sorted(OBJECTIONS))
def test_what_an_objection_returns_is_said(package: Path, name: str) -> None:
    source = f'def {name}(x):\n    if x:\n        return f"the new one has {{len(x)}} characters"\n    return None'
    assert found(package, source) == {"the new one has {len} characters"}


def test_pieces_that_wording_returns_are_said(package: Path) -> None:
    source = 'def cut(a):\n    return f"in string {a} alone" if a else "no more is known"'
    assert found(package, source, RETURNED_IN[0]) == {"in string {a} alone", "no more is known"}


def test_a_text_that_grows_is_said_piece_by_piece(package: Path) -> None:
    source = (
        'text = f"{count} modules found."\nif new:\n    text += " A new module has no address."\nother = "not this one"'
    )
    assert found(package, source, ASSIGNED_IN[0]) == {"{count} modules found.", "A new module has no address."}


def test_the_errors_of_this_package_are_among_them() -> None:
    said = set(sentences(PACKAGE))
    assert {"change the default password first", "there is no battery {name}", "the body is not JSON"} <= said
    assert "limit {kind}: follows {like}, change that one" in said
