"""`webmanager demo`: a battery room as a child process, and the device on its ports."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from webmanager.app.child import RoomChild
from webmanager.app.data_dir import claimed, port_dir
from webmanager.app.demo_past import simulate_past, time_begins
from webmanager.app.demo_receivers import introduce, ports_of_room
from webmanager.app.plan import DevicePlan, Served
from webmanager.app.wiring import serve, stop_on_signals
from webmanager.room.config import RoomConfig
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of the command, as `interfaces` names them."""

    modules: int
    strings: int
    block_voltage_v: int
    start: str
    noise: str
    speed: float
    seed: int
    data_dir: Path
    history_days: int
    http_port: int
    modbus_port: int
    snmp_port: int
    bind: str

    @property
    def room_state(self) -> Path:
        """Where a simulated past leaves the batteries of such a room."""
        name = f"room-{self.modules}x{self.strings}-{self.block_voltage_v}v-{self.seed}.npz"
        return self.data_dir / name

    def room_file(self, not_before: datetime | None) -> str:
        """The room file of this demo, whose time does not begin before that of the data that are kept.

        Its batteries are those a simulated past has left, if there was one.
        """
        begin = [f"not_before = {not_before.isoformat()}"] if not_before else []
        if self.room_state.exists():
            begin.append(f"state = {json.dumps(str(self.room_state))}")
        return "\n".join(
            (
                "[room]",
                f"modules = {self.modules}",
                f"strings = {self.strings}",
                f'start = "{self.start}"',
                f'noise = "{self.noise}"',
                f"speed = {self.speed}",
                f"seed = {self.seed}",
                *begin,
                "[block]",
                f"nominal_v = {self.block_voltage_v}",
                "[com2]",
                'device = "modem"',
                "[inbox]",
                "on = true",
                "",
            )
        )

    def settings(self) -> Settings:
        """The kept settings with the installation of this demo."""
        return SettingsDesk.open(self.data_dir, told=self.told).applied

    @property
    def told(self) -> dict[str, object]:
        """What the command line says of the installation."""
        given = {"modules": self.modules, "strings": self.strings, "block_voltage_v": self.block_voltage_v}
        return {f"installation.{name}": value for name, value in given.items()}


async def run_demo(options: DemoOptions) -> None:
    """Until SIGINT or SIGTERM; leaves no process and no file but those in the data directory."""
    console = Console()
    settings = options.settings()
    settings.installation.to_domain()
    stop = stop_on_signals()
    with claimed(options.data_dir) as data_dir, port_dir(data_dir) as ports:
        config = ports / "room.toml"
        config.write_text(options.room_file(None), encoding="utf-8")
        days, room = options.history_days, RoomConfig.from_toml(config)
        if days and not await simulate_past(room, settings, days, data_dir, options.room_state, stop, console):
            return
        config.write_text(options.room_file(time_begins(data_dir)), encoding="utf-8")
        child = RoomChild(config, ports)
        watch = None
        try:
            await child.start(stop)
            if stop.is_set():
                return
            introduce(data_dir, await ports_of_room(child.control), time.time())
            watch = asyncio.create_task(_watch(child, stop, console))
            plan = DevicePlan(
                data_dir=data_dir,
                com3=str(child.com3),
                bind=options.bind,
                http_port=options.http_port,
                modbus_port=options.modbus_port,
                snmp_port=options.snmp_port,
                room=child.control,
                told=options.told,
            )
            await serve(plan, stop, lambda served: _announce(console, options, served))
        finally:
            if watch:
                watch.cancel()
            await child.stop()


async def _watch(child: RoomChild, stop: asyncio.Event, console: Console) -> None:
    code = await child.ended()
    if not stop.is_set():
        console.print(f"The room has ended with exit code {code}; the device goes on without its batteries.")


def _announce(console: Console, options: DemoOptions, served: Served) -> None:
    console.print(f"[bold]Web[/bold]     {served.web}  ({served.login})")
    console.print(f"Modbus  {served.modbus or 'off'}  (TCP, unit 1, registers in docs/modbus-map.md)")
    console.print(f"SNMP    {served.snmp or 'off'}  (v1 and v2c, community public from this host; docs/snmp.md)")
    console.print(f"Data    {options.data_dir}")
    console.print(f"Room    {options.modules} batteries in {options.strings} strings, speed {options.speed:g}")
    console.print("Ctrl-C ends it.")
