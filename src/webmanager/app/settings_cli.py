"""The commands `webmanager settings check | show | factory-reset`."""

from pathlib import Path
from typing import Annotated

import typer

from webmanager.domain.errors import ConfigError, StoreError

settings_app = typer.Typer(no_args_is_help=True, help="Looks at the configuration in a data directory, or resets it.")

Data = Annotated[Path, typer.Option(help="Directory of settings and flash.")]


@settings_app.command()
def check(data: Data) -> None:
    """Says what is wrong with the file, a line for each mistake."""
    from webmanager.settings.file import SETTINGS_FILE
    from webmanager.settings.folder import SettingsFolder

    wrong = SettingsFolder(_there(data)).mistakes()
    for line in wrong:
        typer.echo(line, err=True)
    if wrong:
        raise ConfigError(f"{len(wrong)} {'mistake' if len(wrong) == 1 else 'mistakes'} in {data / SETTINGS_FILE}")
    typer.echo(f"{data / SETTINGS_FILE}: fine")


@settings_app.command()
def show(data: Data) -> None:
    """Prints the configuration that the next start runs on, secrets hidden."""
    from webmanager.settings.desk import SettingsDesk

    desk = SettingsDesk.open(_there(data))
    if desk.trouble:
        typer.echo(f"# {desk.trouble}", err=True)
    typer.echo(desk.export_text(), nl=False)


@settings_app.command("factory-reset")
def factory_reset(data: Data) -> None:
    """Goes back to the defaults; users and stored data stay. The old file is kept aside."""
    from webmanager.app.data_dir import claimed
    from webmanager.settings.folder import SettingsFolder

    with claimed(_there(data)) as claimed_dir:
        try:
            kept = SettingsFolder(claimed_dir).reset()
        except OSError as error:
            raise StoreError(f"{data}: the settings cannot be reset: {error.strerror or error}") from None
    typer.echo(f"The defaults are in force from the next start on{f'; the old file is {kept.name}' if kept else ''}.")


def _there(data: Path) -> Path:
    if not data.is_dir():
        raise ConfigError(f"{data}: there is no such directory")
    return data
