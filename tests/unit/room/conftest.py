from collections.abc import Callable

import pytest

from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig
from webmanager.room.simulation import Room

NOW_S = 1_700_000_000.0


@pytest.fixture
def make_room() -> Callable[..., Room]:
    """A small room, 2 strings of 4 unless said otherwise, that starts at a fixed time."""

    def make(nominal_v: int = 12, capacity_ah: float = 100.0, **settings) -> Room:
        chosen = {"modules": 8, "strings": 2, "block": BlockType(nominal_v, capacity_ah)} | settings
        return Room(RoomConfig(**chosen), NOW_S)

    return make
