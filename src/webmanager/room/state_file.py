"""The state of a room in one file, so that a simulation made beforehand goes on in the room's process."""

from pathlib import Path
from typing import Any

import numpy as np

from webmanager.domain.errors import ConfigError
from webmanager.room.battery import BatteryState
from webmanager.room.simulation import Room

FORMAT = 1
_TABLE = "table."


def save(room: Room, path: Path) -> None:
    """Writes batteries, module memories and time of a room in which nothing is broken; replaces the file at once.

    ConfigError while there are faults: they would be taken for how the batteries are.
    """
    if len(room.faults):
        raise ConfigError("the state of a room with faults cannot be kept: repair them first")
    batteries = room.batteries.snapshot()
    modules = room.modules
    arrays: dict[str, Any] = {_TABLE + name: values for name, values in batteries.tables.items()}
    arrays |= {name: np.asarray(getattr(batteries, name)) for name in _SCALARS}
    arrays |= {name: getattr(modules, name) for name in _MEMORIES}
    arrays |= {"flags": batteries.flags, "now_s": np.asarray(room.now_s), "format": np.asarray(FORMAT)}
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        np.savez(file, **arrays)
    fresh.replace(path)


def load(room: Room, path: Path) -> None:
    """Puts a room that has not yet run into a kept state; ConfigError if the file is not one or of another room.

    Ages go on from the moment of keeping; the room's own time stays what it is.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        if int(arrays["format"]) != FORMAT:
            raise ConfigError(f"state {path}: of format {int(arrays['format'])}, this version reads {FORMAT}")
        tables = {name.removeprefix(_TABLE): values for name, values in arrays.items() if name.startswith(_TABLE)}
        scalars = {name: float(arrays[name]) for name in _SCALARS}
        room.batteries.restore(BatteryState(tables, arrays["flags"], **scalars))
        later_s = room.now_s - float(arrays["now_s"])
        for name in _MEMORIES:
            getattr(room.modules, name)[:] = arrays[name] + (later_s if name.endswith("_s") else 0)
        room.faults.take_as_whole()
    except OSError as error:
        raise ConfigError(f"state {path}: cannot be read: {error}") from None
    except (ValueError, KeyError) as error:
        raise ConfigError(f"state {path}: does not fit this room: {error}") from None


_SCALARS = ("bus_v", "ambient_c", "ripple_a", "since_slow_s")
_MEMORIES = ("serial", "reference_v", "referenced_s", "ri_uohm", "ri_temperature_c", "ri_at_s")
