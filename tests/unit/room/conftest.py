import copy
import functools
from collections.abc import Callable

import pytest

from webmanager.domain.installation import BlockType
from webmanager.room import simulation
from webmanager.room.config import RoomConfig
from webmanager.room.population import populate
from webmanager.room.simulation import Room

NOW_S = 1_700_000_000.0
_settled = functools.cache(populate)


@pytest.fixture
def make_room(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Room]:
    """A small room, 2 strings of 4 unless said otherwise, that starts at a fixed time; its modules never sleep.

    Settling takes half a second, so each population is settled once and copied.
    """
    monkeypatch.setattr(simulation, "populate", lambda **wanted: copy.deepcopy(_settled(**wanted)))

    def make(nominal_v: int = 12, capacity_ah: float = 100.0, **settings) -> Room:
        revision = "1.3" if nominal_v == 12 else None
        chosen = {"modules": 8, "strings": 2, "block": BlockType(nominal_v, capacity_ah), "revision": revision}
        chosen |= settings
        return Room(RoomConfig(**chosen), NOW_S)

    return make
