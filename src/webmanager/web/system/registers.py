"""The Modbus register map as a page and as a sheet. What it says is handed over at start: no door knows another."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.guard.auth import guarded


@dataclass(frozen=True, slots=True)
class RegistersView:
    """The Modbus register map: where the server listens, its unit, headings and rows of texts."""

    shell: Shell
    address: str
    unit: int
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """The map in words: headings, one row of texts for each line, and the whole of it as CSV."""

    address: str
    unit: int
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    csv: str

    def view(self, frame: Shell) -> RegistersView:
        """What the page shows."""
        return RegistersView(frame, self.address, self.unit, self.headings, self.rows)


MAP: web.AppKey[RegisterMap] = web.AppKey("register map", RegisterMap)


async def registers(request: web.Request) -> web.Response:
    """The register map."""
    return render(request, "modbus.html", request.app[MAP].view(shell(request, "modbus")))


async def registers_csv(request: web.Request) -> web.Response:
    """The register map as a sheet, one line a register."""
    response = web.Response(text=request.app[MAP].csv, content_type="text/csv", charset="utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="modbus-map.csv"'
    response.enable_compression()
    return response


def add_registers(app: web.Application, registers_map: RegisterMap) -> None:
    """Puts page and sheet into an application."""
    app[MAP] = registers_map
    app.router.add_get("/modbus", for_people(registers))
    app.router.add_get("/api/v1/modbus-map.csv", guarded(registers_csv, Role.VIEWER))
