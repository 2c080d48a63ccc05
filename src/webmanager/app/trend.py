"""The last 24 hours behind a message: the curve its picture is drawn from, out of the store."""

import asyncio
from collections.abc import Mapping

from webmanager.domain.errors import StoreError
from webmanager.domain.events import Source
from webmanager.domain.limits import ROWS, Quantity
from webmanager.engine.history_ports import HistoryQuantity, HistoryReader, Selection
from webmanager.engine.notify_ports import Curve

DAY_S = 86_400.0
POINTS = 288
_SHOWN: Mapping[Quantity, tuple[HistoryQuantity, str]] = {
    Quantity.TEMPERATURE: ("temperature", "°C"),
    Quantity.RI: ("ri", "mΩ"),
    Quantity.EQUALIZING: ("equalizing", "%"),
}
VOLTAGE: tuple[HistoryQuantity, str] = ("voltage", "V")


class StoredTrend:
    """Implements `Trend` with the store of this device."""

    def __init__(self, reader: HistoryReader) -> None:
        self._reader = reader

    async def last_day(self, source: Source, kind: str, until: float) -> Curve | None:
        """The quantity the alarm is about, of its battery, else the current of its string; None without either."""
        if source.address is not None:
            row = ROWS.get(kind)
            quantity, unit = _SHOWN.get(row.quantity, VOLTAGE) if row else VOLTAGE
            selection = Selection(quantity, source.address)
        elif source.string is not None:
            selection, unit = Selection("current", source.string), "A"
        else:
            return None
        try:
            series = await asyncio.to_thread(self._reader.query, selection, until - DAY_S, until, POINTS)
        except StoreError:
            return None
        if not series.t.size:
            return None
        return Curve(f"{source.name}, {selection.quantity}", unit, series.t.tolist(), series.mean.tolist())
