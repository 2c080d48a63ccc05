"""What is stored, as files."""

import json

import numpy as np
import pytest

from fakes.store_stand import LAYOUT, MIDNIGHT, StoreStand, value, values
from webmanager.domain.errors import StoreError
from webmanager.domain.snapshot import StringState
from webmanager.store import compaction
from webmanager.store.columns import Layout, Quantity
from webmanager.store.csv_text import parse
from webmanager.store.files import Content, StoredFile, file_bytes, stored_files
from webmanager.store.rows import MinuteRow

DAY = 1440


@pytest.fixture(scope="module")
def stand() -> StoreStand:
    """Three weeks from 15 November 2023 on, an event a day, a discharge on the second; and an hour of the next day."""
    stand = StoreStand(512)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "SPAN", 7 * DAY)
        for day in range(21):
            for minute in range(MIDNIGHT + day * DAY, MIDNIGHT + (day + 1) * DAY, 5):
                row = values(minute)
                if day == 1 and 600 <= minute % DAY < 660:
                    row[-1] = StringState.DISCHARGING
                stand.ledger.append_row(LAYOUT, MinuteRow(minute, row))
                if stand.compaction.is_due():
                    stand.tidy()
            stand.ledger.append_event(60.0 * (MIDNIGHT + (day + 1) * DAY - 60), "hello", {"day": day})
        stand.write(MIDNIGHT + 21 * DAY, 67)
    return stand


def files(stand: StoreStand) -> dict[str, StoredFile]:
    return {file.name: file for file in stored_files(stand.ledger, stand.ledger.view(), "bat")}


def content(stand: StoreStand, name: str) -> bytes:
    return file_bytes(stand.ledger, stand.ledger.view(), files(stand)[name])


def test_names_are_those_of_the_original_viewer(stand: StoreStand) -> None:
    names = set(files(stand))
    for suffix in ("volt", "temp", "resist", "bypass", "ampere"):
        assert f"bat_15_11_2023_{suffix}.csv" in names
        assert f"bat_06_12_2023_{suffix}.csv" in names
        assert f"bat_11_2023_{suffix}_hours.csv" in names
        assert f"bat_12_2023_{suffix}_hours.csv" in names
        assert f"bat_2023_{suffix}_days.csv" in names
    assert "bat_16_11_2023_0950_discharge.csv" in names
    assert {"bat_11_2023_events.json", "bat_12_2023_events.json"} <= names
    assert len(names) == 5 * (22 + 2 + 1) + 1 + 2


def test_a_day_has_all_its_minutes(stand: StoreStand) -> None:
    wall, names, found = parse(content(stand, "bat_20_11_2023_volt.csv").decode())
    assert names == ["S1-1", "S1-2", "S2-1", "S2-2"]
    assert wall.tolist() == list(range(MIDNIGHT + 5 * DAY, MIDNIGHT + 6 * DAY, 5))
    assert found[:, 2].tolist() == [value(minute, 2) / 1000 for minute in wall.tolist()]


def test_currents_are_of_strings(stand: StoreStand) -> None:
    wall, names, found = parse(content(stand, "bat_20_11_2023_ampere.csv").decode())
    assert names == ["S1", "S2"]
    assert found[0].tolist() == [value(int(wall[0]), 16) / 100, value(int(wall[0]), 17) / 100]


def test_today_grows_in_steps(stand: StoreStand) -> None:
    file = files(stand)["bat_06_12_2023_volt.csv"]
    wall, _, _ = parse(content(stand, file.name).decode())
    assert (file.start, file.end) == (MIDNIGHT + 21 * DAY, MIDNIGHT + 21 * DAY + 60)
    assert wall.tolist() == list(range(file.start, file.end))


def test_hours_of_a_month_have_their_extremes(stand: StoreStand) -> None:
    wall, names, found = parse(content(stand, "bat_11_2023_volt_hours.csv").decode())
    assert names[:4] == ["S1-1 min", "S1-1 mean", "S1-1 max", "S1-2 min"]
    assert wall.tolist() == list(range(MIDNIGHT, MIDNIGHT + 16 * DAY, 60))
    hour = [value(minute, 0) / 1000 for minute in range(MIDNIGHT + 300, MIDNIGHT + 360, 5)]
    assert found[5, 0] == min(hour)
    assert found[5, 1] == pytest.approx(np.mean(hour), abs=0.0006)
    assert found[5, 2] == max(hour)


def test_days_of_a_year(stand: StoreStand) -> None:
    wall, _, found = parse(content(stand, "bat_2023_volt_days.csv").decode())
    assert wall.tolist() == list(range(MIDNIGHT, MIDNIGHT + 21 * DAY, DAY))
    day = [value(minute, 0) / 1000 for minute in range(MIDNIGHT, MIDNIGHT + DAY, 5)]
    assert (found[0, 0], found[0, 2]) == (min(day), max(day))


def test_a_discharge_has_voltages_and_currents(stand: StoreStand) -> None:
    wall, names, found = parse(content(stand, "bat_16_11_2023_0950_discharge.csv").decode())
    assert names == ["S1-1 V", "S1-2 V", "S2-1 V", "S2-2 V", "S1 A", "S2 A"]
    begin = MIDNIGHT + DAY + 590
    assert wall.tolist() == list(range(begin, begin + 10 + 60 + 60 - 4, 5))
    assert found[3, 1] == value(begin + 15, 1) / 1000


def test_events_of_a_month_in_order(stand: StoreStand) -> None:
    found = json.loads(content(stand, "bat_11_2023_events.json"))["events"]
    assert [event["day"] for event in found] == list(range(16))
    assert found[0] == {"at": "2023-11-15T23:00:00.000Z", "kind": "hello", "day": 0}


def test_a_file_says_what_it_covers(stand: StoreStand) -> None:
    listed = files(stand)
    assert (listed["bat_20_11_2023_volt.csv"].start, listed["bat_20_11_2023_volt.csv"].end) == (
        MIDNIGHT + 5 * DAY,
        MIDNIGHT + 6 * DAY,
    )
    month = listed["bat_11_2023_volt_hours.csv"]
    assert month.end - month.start == 30 * DAY
    assert listed["bat_2023_volt_days.csv"].content is Content.DAYS


def test_the_version_changes_with_the_content_only() -> None:
    stand = StoreStand(128)
    stand.write(MIDNIGHT, DAY + 5)
    first = files(stand)["bat_15_11_2023_volt.csv"].version
    stand.write(MIDNIGHT + DAY + 5, 3)
    assert files(stand)["bat_15_11_2023_volt.csv"].version == first
    today = files(stand)["bat_16_11_2023_volt.csv"].version
    stand.write(MIDNIGHT + DAY + 8, 5)
    assert files(stand)["bat_16_11_2023_volt.csv"].version != today


def test_nothing_is_stored_nothing_is_listed() -> None:
    assert files(StoreStand()) == {}


def test_a_file_whose_data_is_gone_is_an_error(stand: StoreStand) -> None:
    gone = StoredFile("x.csv", Content.MINUTES, Quantity.VOLTAGE, MIDNIGHT - 10 * DAY, MIDNIGHT - 9 * DAY, "")
    with pytest.raises(StoreError, match=r"x.csv: nothing of it is left"):
        file_bytes(stand.ledger, stand.ledger.view(), gone)


def test_a_day_on_which_modules_were_added_has_the_columns_of_the_newest() -> None:
    stand = StoreStand(128, layout=Layout(2, 1, 10))
    stand.write(MIDNIGHT, 600)
    stand.layout = Layout(4, 1, 1)
    stand.write(MIDNIGHT + 600, DAY)
    _, names, found = parse(content(stand, "bat_15_11_2023_volt.csv").decode())
    assert names == ["S1-1", "S1-2", "S1-3", "S1-4"]
    assert np.isnan(found[:600, 2:]).all()
    assert not np.isnan(found[600:]).any()
    _, _, ri = parse(content(stand, "bat_15_11_2023_resist.csv").decode())
    assert ri[0, 0] == 32.767  # the coarser unit reaches farther: what does not fit is the most that does
    assert ri[700, 0] == value(MIDNIGHT + 700, 8) / 1000
