"""What docs/jobs.md promises, the tables and models keep."""

import re
import tomllib
from pathlib import Path
from typing import get_args

from webmanager.domain.jobs import Timing
from webmanager.engine.job_text import PLACEHOLDERS
from webmanager.settings.destinations_model import AnyReceiver
from webmanager.settings.model import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """The code names in the first column of the table below a heading, without its head."""
    chapter = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE)[1:]


def test_every_placeholder_is_explained_in_the_same_words() -> None:
    rows = dict(re.findall(r"^\| `#([A-Z]+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == dict(PLACEHOLDERS)


def test_every_timing_is_explained() -> None:
    assert first_cells("When a job acts") == [timing.value for timing in Timing]


def test_every_type_of_receiver_is_explained() -> None:
    union, _ = get_args(AnyReceiver)
    types = {kind.model_fields["type"].default for kind in get_args(union)}
    assert set(first_cells("Receivers")) == types


def test_the_example_can_be_used() -> None:
    (toml,) = re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)
    settings = Settings.model_validate(tomllib.loads(toml))
    assert [job.name for job in settings.notify.jobs] == ["alarms", "go down"]
