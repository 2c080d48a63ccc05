import asyncio
from dataclasses import replace

import numpy as np
import pytest

from fakes.module_bus import FakeModuleBus
from fakes.snmp import IDENTITY
from webmanager import __version__
from webmanager.app.snmp_service import SnmpService, SnmpSources
from webmanager.domain.events import Severity
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.jobs import Power
from webmanager.engine.board import Board
from webmanager.engine.clock import ManualClock
from webmanager.engine.cycle import CycleSettings, ScanCycle
from webmanager.engine.notify_ports import Output
from webmanager.settings.model import Settings
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.snmp.mib import table
from webmanager.snmp.state import BacsSettings, OpenAlarm

INSTALLATION = Installation(4, 2, BlockType())
SETTINGS = Settings.model_validate(
    {
        "installation": {"name": "Cellar", "location": "Building 4", "modules": 4, "strings": 2},
        "snmp": {"contact": "ops@example.org"},
        "scan": {"ri_interval_h": 6.0},
    }
)


async def service(sources: SnmpSources | None = None) -> SnmpService:
    clock = ManualClock()
    board = Board(INSTALLATION)
    bus = FakeModuleBus(INSTALLATION)
    await ScanCycle(bus, board, clock, CycleSettings()).scan_once()
    board.identify({identity.address: identity for identity in await bus.discover()})
    return SnmpService(SETTINGS, board, clock, IDENTITY, "4711", sources)


async def test_the_table_says_who_and_where_the_device_is() -> None:
    made = await service()
    state = made.state()
    assert (state.facts.name, state.facts.location, state.facts.contact) == ("Cellar", "Building 4", "ops@example.org")
    assert (state.facts.version, state.facts.serial) == (__version__, "4711")
    assert state.settings.ri_interval_min == 360
    assert state.module_type in {"C40", "C20", "C30", "C21", "C41", "C42"}
    assert len(table(state)) > 40


async def test_what_other_parts_know_reaches_the_table() -> None:
    alarm = OpenAlarm(7, "bus_down", Severity.ALARM, 1.0)
    limits = BacsSettings(temperature_high_c=45.0, ri_interval_min=720)
    sources = SnmpSources(
        alarms=lambda: (alarm,),
        severities=lambda: np.array([0, 3, 0, 0], np.int8),
        power=lambda: Power(10.0),
        outputs=lambda: {Output.RELAY_1: True},
        limits=lambda: limits,
    )
    state = (await service(sources)).state()
    assert (state.alarms, state.power, state.outputs) == ((alarm,), Power(10.0), {Output.RELAY_1: True})
    assert state.severities is not None
    assert state.severities.tolist() == [0, 3, 0, 0]
    assert state.settings == limits


async def test_it_listens_and_gives_its_port_back() -> None:
    made = await service()
    await made.open("127.0.0.1", 0)
    port = made.port
    assert port > 0
    assert made.uptime_s() >= 0.0
    await made.close()
    again = await service()
    await again.open("127.0.0.1", port)
    await again.close()


async def test_before_any_module_is_known_there_is_no_type() -> None:
    made = SnmpService(SETTINGS, Board(INSTALLATION), ManualClock(), IDENTITY)
    state = made.state()
    assert (state.module_type, state.picture.snapshot) == ("", None)
    assert replace(state, uptime_s=5.0).uptime_s == 5.0


async def test_other_settings_make_the_agent_anew_on_the_same_port() -> None:
    made = await service()
    await made.open("127.0.0.1", 0)
    running = asyncio.create_task(made.run())
    made.change(SETTINGS.model_copy(update={"snmp": SnmpSettings(contact="night@example.org")}))
    async with asyncio.timeout(10):
        while made.state().facts.contact != "night@example.org" or not made.port:
            await asyncio.sleep(0)
    made.change(SETTINGS.model_copy(update={"snmp": SnmpSettings(enabled=False)}))
    async with asyncio.timeout(10):
        while made.port:
            await asyncio.sleep(0)
    running.cancel()
    await made.close()


async def test_a_port_in_use_leaves_the_device_without_snmp(caplog: pytest.LogCaptureFixture) -> None:
    first, second = await service(), await service()
    await first.open("127.0.0.1", 0)
    await second.open("127.0.0.1", first.port)
    assert second.port == 0
    assert "runs without SNMP" in caplog.text
    await first.close()
    await second.close()
