"""The commands `webmanager scenario list | play | stop`: a hand in a running room, over its control interface."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from webmanager.app.data_dir import demo_control
from webmanager.domain.errors import ConfigError, WebmanagerError

scenario_app = typer.Typer(no_args_is_help=True, help="What happens by itself in a simulated battery room.")

Control = Annotated[
    str, typer.Option(help="The room's control interface, unix:PATH or HOST:PORT; default: the running demo's.")
]


@scenario_app.command("list")
def list_scenarios(control: Control = "") -> None:
    """The scenarios that can be played by name."""
    answer = _ask(control, "GET", "/scenarios")
    for scenario in answer["scenarios"]:
        typer.echo(f"{scenario['name']:26} {scenario['lasts_s'] / 60:7.0f} min  {scenario['title']}")


@scenario_app.command()
def play(
    scenario: Annotated[str, typer.Argument(help="A name out of the list, or the path of a .toml file.")],
    control: Control = "",
) -> None:
    """Begins a scenario; one that is being played ends before."""
    path = Path(scenario)
    if path.suffix == ".toml":
        answer = _ask(control, "POST", "/scenario", {"name": path.stem, "toml": _text(path)})
    else:
        answer = _ask(control, "POST", "/scenario", {"name": scenario})
    playing = answer["scenario"]
    typer.echo(
        f"{playing['title']}: {playing['lasts_s'] / 60:g} min of the room's time, speed {answer['factor_set']:g}"
    )


@scenario_app.command()
def stop(control: Control = "") -> None:
    """Ends the scenario that is played: the room is as it was before."""
    _ask(control, "DELETE", "/scenario")
    typer.echo("No scenario is played.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"scenario {path}: cannot be read: {error}") from None


def _ask(control: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return asyncio.run(_call(control or demo_control(), method, path, body))


async def _call(control: str, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    from webmanager.web.http.problem import Problem
    from webmanager.web.site.room_link import RoomControl

    room = RoomControl(control)
    try:
        status, document = await room.call(method, path, body)
    except Problem as problem:
        raise WebmanagerError(f"{control}: {problem.detail}") from None
    finally:
        await room.close()
    answer = document if isinstance(document, dict) else {}
    if status >= 400:
        raise ConfigError(str(answer.get("detail", f"the room refused this with status {status}")))
    return answer
