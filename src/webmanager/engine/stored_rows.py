"""Stored history as rows for a trial of limits: all batteries side by side, on one axis of time."""

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Floats
from webmanager.domain.what_if import StoredValues
from webmanager.engine.history_ports import HistoryQuantity, HistoryReader, Selection

OF_BATTERY: tuple[HistoryQuantity, ...] = ("voltage", "temperature", "ri", "equalizing")
Planes = Mapping[HistoryQuantity, npt.NDArray[np.float32]]
BREATH_S = 0.0005
"""A pause between two rows, so that a trial in a thread never holds up the scan."""


class TrialStoppedError(Exception):
    """The trial was called off."""


def stored_rows(
    reader: HistoryReader,
    installation: Installation,
    from_s: float,
    to_s: float,
    step_s: int,
    progress: Callable[[float], None],
) -> list[StoredValues]:
    """Means of every step from `from_s` to `to_s` (UTC seconds), NaN where none are stored; oldest first.

    `progress` gets 0 to 1 and may raise to call it off. Call it from a thread.
    """
    count = max(int((to_s - from_s) // step_s), 1)
    sizes: dict[HistoryQuantity, int] = dict.fromkeys(OF_BATTERY, installation.modules)
    sizes["current"] = installation.strings
    planes = {quantity: np.full((count, size), np.nan, np.float32) for quantity, size in sizes.items()}
    done, total = 0, sum(sizes.values())
    for quantity, size in sizes.items():
        for number in range(1, size + 1):
            series = reader.query(Selection(quantity, number), from_s, to_s, count)
            rows = ((series.t - from_s) // step_s).astype(np.int64)
            inside = (rows >= 0) & (rows < count)
            planes[quantity][rows[inside], number - 1] = series.mean[inside]
            done += 1
            progress(done / total)
            time.sleep(BREATH_S)
    return list(_rows(planes, from_s, step_s))


def breathing(rows: list[StoredValues], progress: Callable[[float], None]) -> Iterator[StoredValues]:
    """Rows one by one, with progress and a pause between them."""
    for number, row in enumerate(rows):
        if number % 16 == 0:
            progress(number / len(rows))
            time.sleep(BREATH_S)
        yield row


def _rows(planes: Planes, from_s: float, step_s: int) -> Iterator[StoredValues]:
    """Only rows of which something is stored."""
    known = ~np.isnan(planes["voltage"]).all(axis=1)
    for row in np.flatnonzero(known).tolist():
        values: dict[HistoryQuantity, Floats] = {name: plane[row].astype(np.float64) for name, plane in planes.items()}
        yield StoredValues(
            at=from_s + row * step_s,
            voltage_v=values["voltage"],
            temperature_c=values["temperature"],
            ri_mohm=values["ri"],
            equalizing_percent=values["equalizing"],
            current_a=values["current"],
        )
