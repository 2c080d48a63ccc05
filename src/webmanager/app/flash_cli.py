"""The commands `webmanager flash info | verify | export`: they only read, also beside a device that runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from webmanager.domain.errors import StoreError

if TYPE_CHECKING:
    from webmanager.store.ledger import Ledger

flash_app = typer.Typer(no_args_is_help=True, help="Looks into the flash of a data directory.")

Data = Annotated[Path, typer.Option(help="Directory of settings and flash.")]


@flash_app.command()
def info(data: Data) -> None:
    """Budget, how far each tier reaches back, and wear."""
    from webmanager.store.status import status_of

    with _mounted(data) as ledger:
        status = status_of(ledger, "ok", "")
    typer.echo(f"flash       {status.bytes / 2**20:g} MiB, {status.free_bytes / 2**20:.1f} MiB free")
    for tier in status.tiers:
        typer.echo(f"{tier.name:<11} {tier.days:8.1f} days  {tier.sectors:5d} sectors")
    typer.echo(
        f"erases      {status.erases_least} / {status.erases_mean:.1f} / {status.erases_most} (min / mean / max)"
    )
    years = "not yet known" if status.projected_years is None else f"{status.projected_years:,.0f} years"
    typer.echo(f"life        {years} at 100 000 erases a sector")
    typer.echo(f"retired     {status.retired_sectors} sectors")
    if status.unreadable:
        typer.echo(f"unreadable  {status.unreadable} parts: see `webmanager flash verify`")


@flash_app.command()
def verify(data: Data) -> None:
    """Reads everything there is; says what cannot be read, and ends with 1 if there is any."""
    from webmanager.store.verify import verify as verify_ledger

    with _mounted(data) as ledger:
        found = verify_ledger(ledger)
    for line in found.wrong:
        typer.echo(line)
    typer.echo(f"{found.volumes} volumes in {found.parts} sectors, {found.rows} minutes, {found.events} events")
    if found.wrong:
        raise StoreError(f"{len(found.wrong)} things are wrong with {data}")


@flash_app.command()
def export(
    data: Data,
    out: Annotated[Path, typer.Option(help="The ZIP to be written; it must not exist.")] = Path("archive.zip"),
    month: Annotated[str, typer.Option(help="Only files of this month: MM_YYYY. Without it all there are.")] = "",
) -> None:
    """Files as CSV and JSON in a ZIP, with a manifest of their SHA-256."""
    from webmanager.store.shelf import FlashShelf

    if out.exists():
        raise StoreError(f"{out}: exists, and is not overwritten")
    with _mounted(data) as ledger:
        shelf = FlashShelf(ledger)
        names = [name for name in shelf.names() if f"_{month}_" in name or not month]
        if not names:
            raise StoreError(f"{data}: there is no file of {month}" if month else f"{data}: nothing is stored")
        shelf.write_archive(names, out)
    typer.echo(f"{len(names)} files in {out}")


@contextmanager
def _mounted(data: Path) -> Iterator["Ledger"]:
    from webmanager.store.ledger import Ledger
    from webmanager.store.medium import open_to_read

    medium = open_to_read(data)
    try:
        yield Ledger(medium.flash)
    finally:
        medium.close()
