"""The examples of docs/rccmd.md judge the code, and the file it shows is one that works."""

import re
import tomllib
from pathlib import Path

from fakes.events import message
from webmanager.domain.jobs import Verb
from webmanager.notify.message import Device
from webmanager.notify.rccmd_sentence import PREFIX, receipt
from webmanager.notify.rccmd_text import sentence
from webmanager.settings.rccmd_model import RccmdListenSettings

PAGE = (Path(__file__).parents[2] / "docs" / "rccmd.md").read_text(encoding="utf-8")


def test_the_example_dialogue_is_what_goes_over_the_wire() -> None:
    (said,) = re.findall(r"^> (.+)$", PAGE, re.MULTILINE)
    (answered,) = re.findall(r"^< (.+)$", PAGE, re.MULTILINE)
    shutdown = message(verb=Verb.SHUTDOWN, remaining_s=12 * 60 + 34.0)
    assert sentence(shutdown, Device(), "SLC-20-CUBE3 (5)", 0) == said
    assert receipt(said) == answered


def test_every_sentence_of_the_table_is_one_of_ours() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(CONNECT[^`]+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    assert all(row.startswith(PREFIX) for row in rows)


def test_the_example_file_can_be_used() -> None:
    (toml,) = re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)
    settings = RccmdListenSettings.model_validate(tomllib.loads(toml))
    assert settings.powerfail is not None
    assert settings.powerfail.minutes_below == 10
    assert settings.commands["stop-backup"].command == ("/usr/local/bin/stop-backup",)
