"""The command `webmanager rccmd-listen`: an open RCCMD receiver for the computers that must go down in order."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from webmanager.settings.rccmd_model import RccmdListenSettings


def rccmd_listen(
    config: Annotated[Path, typer.Option(help="The file that says who may speak and what is run.")],
    check: Annotated[bool, typer.Option("--check", help="Only check the file.")] = False,
) -> None:
    """Receives RCCMD messages on this computer and runs what its own file names."""
    from webmanager.settings.file import read_model
    from webmanager.settings.rccmd_model import RccmdListenSettings

    settings = read_model(config, RccmdListenSettings)
    if check:
        typer.echo(f"{config}: fine, {len(settings.senders)} senders, {len(settings.commands)} commands")
        return
    asyncio.run(listen(settings))


async def listen(settings: "RccmdListenSettings") -> None:
    """Listens until SIGINT or SIGTERM; ConfigError if it cannot."""
    from webmanager.notify.rccmd_listen import RccmdListener

    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    listener = RccmdListener(settings)
    await listener.open()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    typer.echo(f"Listening on {settings.bind}: UDP {listener.udp_port or 'off'}, TCP {listener.tcp_port or 'off'}")
    try:
        await ending.wait()
    finally:
        await listener.close()
