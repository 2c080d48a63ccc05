import numpy as np
import pytest

from webmanager.app.trend import DAY_S, StoredTrend
from webmanager.domain.errors import StoreError
from webmanager.domain.events import DEVICE, Source
from webmanager.engine.history_ports import EventRecord, Selection, Series

UNTIL = 1_700_000_000.0


class Curves:
    """A reader that remembers what it was asked for."""

    def __init__(self, size: int = 3, error: StoreError | None = None) -> None:
        self.asked: list[tuple[Selection, float | None, float | None]] = []
        self._size, self._error = size, error

    def query(self, selection: Selection, from_s: float | None, to_s: float | None, points: int) -> Series:
        self.asked.append((selection, from_s, to_s))
        if self._error:
            raise self._error
        t = np.arange(self._size) * 300.0
        return Series(300, t, t, t + 1.0, t)

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> list[EventRecord]:
        return []


@pytest.mark.parametrize(
    ("kind", "quantity", "unit"),
    [
        ("voltage_high", "voltage", "V"),
        ("temperature_high", "temperature", "°C"),
        ("ri_rise", "ri", "mΩ"),
        ("equalizer_saturated", "equalizing", "%"),
        ("something_new", "voltage", "V"),
    ],
)
async def test_a_battery_shows_what_its_alarm_is_about(kind: str, quantity: str, unit: str) -> None:
    curves = Curves()
    curve = await StoredTrend(curves).last_day(Source("battery S3-17", 3, 81), kind, UNTIL)
    assert curves.asked == [(Selection(quantity, 81), UNTIL - DAY_S, UNTIL)]  # type: ignore[arg-type]
    assert curve is not None
    assert (curve.unit, list(curve.values)) == (unit, [1.0, 301.0, 601.0])


async def test_a_string_shows_its_current_and_the_device_nothing() -> None:
    curves = Curves()
    trend = StoredTrend(curves)
    curve = await trend.last_day(Source("string 2", 2), "string_current_high", UNTIL)
    assert curve is not None
    assert curves.asked[0][0] == Selection("current", 2)
    assert await trend.last_day(DEVICE, "store_failed", UNTIL) is None


@pytest.mark.parametrize("curves", [Curves(0), Curves(error=StoreError("no flash"))])
async def test_without_data_there_is_no_picture_and_no_error(curves: Curves) -> None:
    assert await StoredTrend(curves).last_day(Source("battery S1-1", 1, 1), "voltage_high", UNTIL) is None
