"""`docs/http-api.md` against the tables of the code: a page that is out of date fails."""

import re
from pathlib import Path

from fakes.board import FakeBatteries, running_board
from webmanager.engine.clock import ManualClock
from webmanager.web.accounts.slowdown import FREE, LONGEST_PAUSE_S
from webmanager.web.accounts.users import DEFAULT_PASSWORD, DEFAULT_USER
from webmanager.web.live.feed import document
from webmanager.web.live.stream import HEARTBEAT_S, SLOW_CLIENT_S
from webmanager.web.looks.judge import Look, band
from webmanager.web.routes import API_ROUTES
from webmanager.web.status.answers import Module

PAGE = (Path(__file__).parents[3] / "docs" / "http-api.md").read_text()


def test_every_call_is_on_the_page_and_no_other() -> None:
    listed = set(re.findall(r"^\| `(GET|POST|PUT|DELETE) (/\S+)` \|", PAGE, re.M))
    assert listed == {(route.method, route.path) for route in API_ROUTES} | {("GET", "/api/v1/openapi.json")}


def test_the_keys_of_the_stream_are_on_the_page() -> None:
    board, batteries = running_board(FakeBatteries())
    board.publish(batteries.snapshot(0.0, 0.0))
    data = document(board, ManualClock())
    for key in [*data, *data["modules"]]:
        assert f"`{key}`" in PAGE, key


def test_the_digits_of_the_looks_are_on_the_page() -> None:
    assert ", ".join(f"{int(look)} {look.word}" for look in Look) in PAGE


def test_the_bands_are_on_the_page() -> None:
    for percent in (0, 10, 30, 50, 70, 90):
        assert f"`{band(percent)}`" in PAGE


def test_the_states_of_a_module_are_on_the_page() -> None:
    for word in re.findall(r"'(\w+)'", str(Module.model_fields["state"].annotation)):
        assert f"`{word}`" in PAGE


def test_the_figures_on_the_page_are_those_of_the_code() -> None:
    assert (FREE, LONGEST_PAUSE_S, HEARTBEAT_S, SLOW_CLIENT_S) == (2, 60.0, 10.0, 10.0)
    assert f"`{DEFAULT_USER}`" in PAGE
    assert f"`{DEFAULT_PASSWORD}`" in PAGE


def test_links_lead_somewhere() -> None:
    for name in re.findall(r"\]\((\w[\w-]*\.md)\)", PAGE):
        assert (Path(__file__).parents[3] / "docs" / name).is_file()
