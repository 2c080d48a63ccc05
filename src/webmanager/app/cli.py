"""The command `webmanager`: reads options, calls what does the work, turns errors into one line and an exit code."""

import asyncio
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from webmanager import __version__
from webmanager.app.data_dir import default_data_dir
from webmanager.app.flash_cli import flash_app
from webmanager.app.logs import LogFormat, LogLevel, start_logging
from webmanager.app.rccmd_cli import rccmd_listen
from webmanager.app.scenario_cli import scenario_app
from webmanager.app.settings_cli import settings_app
from webmanager.app.update_cli import update_app
from webmanager.domain.errors import ConfigError, WebmanagerError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Looks after every single block of a stationary lead-acid battery, or plays one.",
)
app.add_typer(scenario_app, name="scenario")

app.add_typer(flash_app, name="flash")
app.add_typer(update_app, name="update")

app.add_typer(settings_app, name="settings")

FAILED, WRONG_USAGE = 1, 2


class Block(StrEnum):
    """Nominal voltage of one block."""

    V2 = "2V"
    V4 = "4V"
    V6 = "6V"
    V12 = "12V"


class Start(StrEnum):
    """State of the batteries when the room begins."""

    SETTLED = "settled"
    FRESH = "fresh"


class Noise(StrEnum):
    """Noise of the modules' voltage readings."""

    LOW = "low"
    HIGH = "high"


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"webmanager {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
    log_level: Annotated[LogLevel, typer.Option(help="Least level that is logged.")] = LogLevel.WARNING,
    log_format: Annotated[LogFormat, typer.Option(help="Log lines for people or as JSON, on stderr.")] = LogFormat.TEXT,
) -> None:
    """Options that stand before the command."""
    start_logging(log_level, log_format)


@app.command()
def demo(
    modules: Annotated[int, typer.Option(help="Battery modules, 1 to 256.", min=1, max=256)] = 256,
    strings: Annotated[int, typer.Option(help="Strings the modules are divided over.", min=1, max=10)] = 8,
    block: Annotated[Block, typer.Option(help="Nominal voltage of one block.")] = Block.V12,
    start: Annotated[Start, typer.Option(help="Full and equalized, or a new, unequal installation.")] = Start.SETTLED,
    noise: Annotated[Noise, typer.Option(help="Noise of the modules' readings.")] = Noise.LOW,
    speed: Annotated[float, typer.Option(help="Room seconds in one second.", min=0.1, max=100_000)] = 1.0,
    seed: Annotated[int, typer.Option(help="Same seed, same room.", min=0)] = 1,
    data: Annotated[Path | None, typer.Option(help="Directory for settings and flash; kept between starts.")] = None,
    history: Annotated[int, typer.Option(help="Days to simulate into the store first.", min=0, max=1100)] = 0,
    http_port: Annotated[int, typer.Option(help="Port of the web interface.", min=0, max=65535)] = 8080,
    modbus_port: Annotated[int, typer.Option(help="Port of MODBUS TCP.", min=0, max=65535)] = 5020,
    snmp_port: Annotated[int, typer.Option(help="Port of the SNMP agent.", min=0, max=65535)] = 1161,
    bind: Annotated[str, typer.Option(help="Address the services listen on.")] = "127.0.0.1",
) -> None:
    """The device with a simulated battery room as its child, joined by pseudo serial ports."""
    from webmanager.app.demo import DemoOptions, run_demo

    chosen = DemoOptions(
        modules=modules,
        strings=strings,
        block_voltage_v=int(block.removesuffix("V")),
        start=start.value,
        noise=noise.value,
        speed=speed,
        seed=seed,
        data_dir=data or default_data_dir(),
        history_days=history,
        http_port=http_port,
        modbus_port=modbus_port,
        snmp_port=snmp_port,
        bind=bind,
    )
    asyncio.run(run_demo(chosen))


@app.command()
def run(
    hardware: Annotated[Path, typer.Option(help="The hardware file: what COM1-3, LAN and flash are on this host.")],
) -> None:
    """The device on real (or any) serial ports."""
    from webmanager.app.hardware import read_hardware
    from webmanager.app.wiring import run_on_hardware

    asyncio.run(run_on_hardware(read_hardware(hardware)))


@app.command()
def room(
    config: Annotated[Path, typer.Option(help="The room file.")],
    link: Annotated[Path, typer.Option(help="Directory in which the ports appear as com1, com2, com3.")],
    control: Annotated[str, typer.Option(help="Control interface: unix:PATH or HOST:PORT.")] = "",
    play: Annotated[str, typer.Option(help="Begin with a scenario: its name, or the path of a .toml file.")] = "",
    parent: Annotated[int, typer.Option(help="End with this process.", hidden=True)] = 0,
) -> None:
    """Only the battery room, on pseudo serial ports, for any controller to poll."""
    from webmanager.room.process import RoomConfig, run_room

    plan = RoomConfig.from_toml(config)
    if play:
        plan = replace(plan, play=play)
    asyncio.run(run_room(plan, link, control or f"unix:{link}/room.sock", parent or None))


app.command("rccmd-listen")(rccmd_listen)


def main() -> NoReturn:
    """Entry point: 0 fine (also after Ctrl-C), 1 failed, 2 wrong usage or configuration."""
    try:
        app()
    except (WebmanagerError, BaseExceptionGroup) as error:
        cause = _cause(error)
        if not isinstance(cause, WebmanagerError):
            raise
        typer.echo(f"webmanager: {cause}", err=True)
        sys.exit(WRONG_USAGE if isinstance(cause, ConfigError) else FAILED)
    sys.exit(0)


def _cause(error: BaseException) -> BaseException:
    """What a task group wraps, if it wraps one thing only."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
