"""`webmanager scenario` against a real control interface."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from webmanager.app.cli import app
from webmanager.app.data_dir import demo_control
from webmanager.domain.errors import ConfigError, WebmanagerError
from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig
from webmanager.room.control import ControlServer
from webmanager.room.service import RoomService


@pytest.fixture
def service() -> RoomService:
    config = RoomConfig(modules=4, strings=1, block=BlockType(), revision="1.3")
    return RoomService(config, 1_700_000_000.0, 100.0, lambda: 0.0)


@pytest.fixture
async def control(service: RoomService, tmp_path: Path) -> AsyncIterator[str]:
    server = ControlServer(service, lambda: 100.0)
    await server.start(f"unix:{tmp_path}/room.sock")
    yield f"unix:{tmp_path}/room.sock"
    await server.stop()


async def scenario(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["scenario", *arguments])


async def test_the_list_names_every_scenario_with_its_length(control: str) -> None:
    lines = (await scenario("list", "--control", control)).stdout.splitlines()
    assert "mains_failure" in " ".join(lines)
    assert all(" min  " in line for line in lines)


async def test_one_is_played_and_stopped(control: str, service: RoomService) -> None:
    played = await scenario("play", "mains_failure", "--control", control)
    assert played.stdout.startswith("Mains failure: ")
    assert not service.room.mains
    assert (await scenario("stop", "--control", control)).exit_code == 0
    assert service.room.mains


async def test_an_own_file_is_played(control: str, service: RoomService, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\nlasts_s = 120\n[[step]]\nat_s = 0\nload_w = 5.0\n', encoding="utf-8")
    played = await scenario("play", str(path), "--control", control)
    assert played.stdout == "Mine: 2 min of the room's time, speed 1\n"
    assert service.room.load_w == 5.0


@pytest.mark.parametrize(
    ("name", "text"), [("flood", "scenario 'flood' is not known: broken_bus_cable"), ("none.toml", "cannot be read")]
)
async def test_what_cannot_be_played_is_wrong_usage(control: str, name: str, text: str) -> None:
    answer = await scenario("play", name, "--control", control)
    assert isinstance(answer.exception, ConfigError)
    assert text in str(answer.exception)


async def test_a_room_that_is_not_there_is_a_failure_in_one_line(tmp_path: Path) -> None:
    answer = await scenario("list", "--control", f"unix:{tmp_path}/none.sock")
    assert isinstance(answer.exception, WebmanagerError)
    assert not isinstance(answer.exception, ConfigError)
    assert "cannot be reached" in str(answer.exception)


def test_without_control_it_is_the_demo_on_its_usual_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert demo_control() == "unix:/data/webmanager/demo/run/room.sock"
