import json

import numpy as np
import pytest

from webmanager.domain.installation import BlockType
from webmanager.room import documents
from webmanager.room.config import RoomConfig
from webmanager.room.service import RoomService


@pytest.fixture
def service(make_room):
    config = RoomConfig(modules=8, strings=2, block=BlockType(), revision="1.3", load_w=960.0)
    service = RoomService(config, 1_700_000_000.0, 100.0, lambda: 0.0)
    service.tick(101.0)
    return service


def test_all_that_the_page_shows(service):
    document = documents.room_document(service)
    json.dumps(document, allow_nan=False)
    assert document["factor_set"] == document["factor_reached"] == 1.0
    assert document["time"] == "2023-11-14T22:13:21.000Z"
    assert document["started_at"] == "2023-11-14T22:13:20.000Z"
    assert (document["seed"], document["mains"], document["load_w"], document["ambient_c"]) == (1, True, 960.0, 22.0)
    assert document["bus_v"] == pytest.approx(4 * 13.62, abs=0.01)
    assert document["charger"]["mode"] == "float"
    assert document["charger"]["voltage_v"] == document["bus_v"]
    assert [string["string"] for string in document["strings"]] == [1, 2]
    assert document["strings"][0]["soc_lowest"] > 0.98
    assert 20 < document["strings"][0]["hottest_c"] < 30
    assert document["autonomy_min"] > 60
    assert document["scenario"] is None
    assert document["faults"] == []
    assert len(document["kinds"]) == 19
    assert document["bus"]["baud"] == 38400


@pytest.mark.parametrize(
    ("change", "mode"),
    [
        (lambda room: room.set_mains(False), "off"),
        (lambda room: room.faults.add({"kind": "charger_off"}, 0.0), "off"),
        (lambda room: setattr(room.charger, "boost", True), "current limit"),
    ],
)
def test_the_charger_says_what_it_does(service, change, mode):
    service.room.charger.current_limit_a = 1.0
    change(service.room)
    service.tick(102.0)
    charger = documents.room_document(service)["charger"]
    assert charger["mode"] == mode
    assert (charger["voltage_v"] is None) == (mode == "off")


def test_faults_are_listed_with_their_place(service):
    add = service.room.faults.add
    add({"kind": "soft_short", "address": 6, "value": 80}, 1_700_000_000.5)
    add({"kind": "current_sensor_silent", "string": 2}, 0.0)
    add({"kind": "ripple", "value": 2.5}, 0.0)
    add({"kind": "bit_errors"}, 0.0)
    first, sensor, ripple, errors = documents.room_document(service)["faults"]
    assert first == {
        "id": 1,
        "kind": "soft_short",
        "title": "Soft short",
        "where": "S2-2",
        "target": 6,
        "address": 6,
        "value": 80,
        "unit": "mA",
        "since": "2023-11-14T22:13:20.500Z",
    }
    assert (sensor["where"], sensor["target"], sensor["string"], sensor["value"]) == ("string 2", 2, 2, None)
    assert (ripple["where"], ripple["target"], ripple["value"]) == ("charger", "charger", 2.5)
    assert (errors["where"], errors["target"]) == ("bus", "bus")


def test_kinds_for_a_form():
    kinds = {kind["kind"]: kind for kind in documents.kind_documents()}
    assert kinds["shorted_cell"]["default"] == 1
    assert (kinds["shorted_cell"]["lowest"], kinds["shorted_cell"]["highest"]) == (1.0, 6.0)
    assert (kinds["charger_off"]["default"], kinds["charger_off"]["lowest"]) == (None, None)
    assert kinds["wrong_revision"]["default"] == "9.9"
    assert kinds["bit_errors"]["target"] == "address or bus"


def test_the_scenario_that_is_played(service):
    service.play("mains_failure")
    service.tick(105.0)
    playing = documents.room_document(service)["scenario"]
    assert (playing["name"], playing["running"]) == ("mains_failure", True)
    assert 0 < playing["progress"] < 0.01


def test_truth_is_the_truth(service):
    batteries = service.room.batteries
    batteries.reference_v = np.nan
    truth = documents.truth_document(service.room)
    json.dumps(truth, allow_nan=False)
    assert truth["voltage_v"] == pytest.approx(batteries.voltage_v, abs=1e-6)
    assert truth["reference_v"] == [None] * 8
    assert len(truth["current_a"]) == 2
