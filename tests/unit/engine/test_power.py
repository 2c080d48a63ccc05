from dataclasses import replace

import numpy as np
import pytest

from fakes.module_bus import FakeModuleBus
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.jobs import Power
from webmanager.domain.snapshot import Snapshot, StringState
from webmanager.engine.board import Board
from webmanager.engine.clock import ManualClock
from webmanager.engine.cycle import CycleSettings, ScanCycle
from webmanager.engine.power import PowerWatch

INSTALLATION = Installation(4, 2, BlockType())


@pytest.fixture
async def snapshot() -> Snapshot:
    return await ScanCycle(FakeModuleBus(INSTALLATION), Board(INSTALLATION), ManualClock(), CycleSettings()).scan_once()


def at(snapshot: Snapshot, at_s: float, *states: StringState) -> Snapshot:
    return replace(snapshot, at_s=at_s, strings=replace(snapshot.strings, state=np.array(states, np.int8)))


FLOAT, DISCHARGING, UNKNOWN = StringState.FLOAT, StringState.DISCHARGING, StringState.UNKNOWN


async def test_one_string_that_discharges_is_on_battery_and_seconds_count(snapshot: Snapshot) -> None:
    watch = PowerWatch()
    watch.update(at(snapshot, 10.0, FLOAT, FLOAT))
    assert watch.power() == Power(None, None)
    watch.update(at(snapshot, 12.0, FLOAT, DISCHARGING))
    assert watch.power() == Power(0.0, None)
    watch.update(at(snapshot, 42.0, DISCHARGING, DISCHARGING))
    assert watch.power() == Power(30.0, None)
    watch.update(at(snapshot, 44.0, StringState.CHARGING, FLOAT))
    assert watch.power() == Power(None, None)


async def test_no_data_is_no_mains(snapshot: Snapshot) -> None:
    watch = PowerWatch()
    watch.update(at(snapshot, 10.0, DISCHARGING, FLOAT))
    watch.update(at(snapshot, 20.0, UNKNOWN, FLOAT))
    assert watch.power() == Power(10.0, None)
