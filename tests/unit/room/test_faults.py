import math

import numpy as np
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.documents import fault_document
from webmanager.room.faults import _BREAKABLE
from webmanager.room.inbox.arrivals import Channel, Conduct
from webmanager.room.inbox.ports import InboxPorts


def parameters(room):
    return {name: getattr(room.batteries, name).copy() for name in _BREAKABLE}


def assert_whole(room, whole):
    for name, values in whole.items():
        assert np.array_equal(getattr(room.batteries, name), values), name
    cable = room.cable
    assert cable.reached.all()
    for damage in (cable.silent, cable.doubled, cable.sensor_silent, cable.error_rate):
        assert not damage.any()
    assert not room.charger.off
    assert room.charger.overvoltage_v_per_cell is None
    assert room.modules.odd_revisions == {}


def test_a_receiver_is_a_target_by_the_name_of_its_channel(make_room):
    room = make_room(com2="modem", inbox=InboxPorts())
    dead = room.faults.add({"kind": "receiver_dead", "channel": "mail"}, 0.0)
    slow = room.faults.add({"kind": "receiver_slow", "target": "sms", "value": 5}, 0.0)
    room.faults.add({"kind": "receiver_slow", "channel": "sms"}, 0.0)
    room.faults.add({"kind": "receiver_refuses", "channel": "rccmd"}, 0.0)
    assert (dead.where, slow.where) == ("mail", "sms")
    document = fault_document(slow)
    assert (document["channel"], document["target"], document["value"]) == ("sms", "sms", 5)
    assert room.receivers[Channel.MAIL] == Conduct(is_dead=True)
    assert room.receivers[Channel.SMS] == Conduct(slow_s=15.0)
    assert room.receivers[Channel.RCCMD] == Conduct(refuses=True)
    room.faults.remove(slow.id)
    assert room.receivers[Channel.SMS] == Conduct(slow_s=10.0)
    for fault in room.faults:
        room.faults.remove(fault.id)
    assert set(map(repr, room.receivers.values())) == {repr(Conduct())}
    for request, said in (
        ({"kind": "receiver_dead"}, "needs a target: channel mail, rccmd, trap, syslog, webhook, sms"),
        ({"kind": "receiver_dead", "channel": "fax"}, "has no target channel 'fax'"),
        ({"kind": "receiver_dead", "address": 1}, "has no target address 1"),
        ({"kind": "open_circuit", "channel": "mail"}, "address 1 to 8"),
        ({"kind": "receiver_dead", "bus": True}, "has no target 'bus'"),
    ):
        with pytest.raises(ConfigError, match=said):
            room.faults.add(request, 0.0)


def test_in_a_room_without_receivers_none_can_be_broken(make_room):
    with pytest.raises(ConfigError, match="nobody receives in this room"):
        make_room().faults.add({"kind": "receiver_dead", "channel": "mail"}, 0.0)


def test_what_is_answered(make_room):
    room = make_room()
    fault = room.faults.add({"kind": "soft_short", "address": 6, "value": 80}, 123.0)
    assert (fault.id, fault.kind.kind, fault.target, fault.value, fault.since_s) == (1, "soft_short", 6, 80.0, 123.0)
    assert fault.where == "S2-2"
    assert [each.id for each in room.faults] == [1]
    assert len(room.faults) == 1


@pytest.mark.parametrize(
    ("request_", "target", "where"),
    [
        ({"kind": "open_circuit", "address": 5}, 5, "S2-1"),
        ({"kind": "open_circuit", "target": 5}, 5, "S2-1"),
        ({"kind": "open_circuit", "target": "S2-1"}, 5, "S2-1"),
        ({"kind": "open_circuit", "target": {"address": 5}}, 5, "S2-1"),
        ({"kind": "bus_break", "address": 2}, 2, "behind S1-2"),
        ({"kind": "current_sensor_silent", "string": 2}, 2, "string 2"),
        ({"kind": "current_sensor_silent", "target": 2}, 2, "string 2"),
        ({"kind": "charger_off"}, None, "charger"),
        ({"kind": "charger_off", "target": "charger"}, None, "charger"),
        ({"kind": "bit_errors"}, None, "bus"),
        ({"kind": "bit_errors", "bus": True}, None, "bus"),
        ({"kind": "bit_errors", "target": "bus"}, None, "bus"),
        ({"kind": "bit_errors", "address": 8}, 8, "S2-4"),
        ({"kind": "bit_errors", "address": 8, "string": None}, 8, "S2-4"),
    ],
)
def test_targets(make_room, request_, target, where):
    fault = make_room().faults.add(request_, 0.0)
    assert (fault.target, fault.where) == (target, where)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({}, "fault None is not known: open_circuit, shorted_cell"),
        ({"kind": "flood", "address": 1}, "fault 'flood' is not known: open_circuit"),
        ({"kind": "ups_silent"}, "needs COM1"),
        ({"kind": "sensor_high"}, "needs COM2"),
        ({"kind": "open_circuit"}, "needs a target: address 1 to 8"),
        ({"kind": "open_circuit", "address": 9}, "address 9 is not there: 1 to 8"),
        ({"kind": "open_circuit", "address": 0}, "1 to 8"),
        ({"kind": "open_circuit", "address": True}, "1 to 8"),
        ({"kind": "open_circuit", "address": "x"}, "1 to 8"),
        ({"kind": "open_circuit", "string": 1}, "has no target string 1: address 1 to 8"),
        ({"kind": "open_circuit", "target": "bus"}, "has no target 'bus': address 1 to 8"),
        ({"kind": "open_circuit", "address": 1, "string": 1}, "one target only"),
        ({"kind": "current_sensor_silent", "string": 3}, "string 3 is not there: 1 to 2"),
        ({"kind": "current_sensor_silent", "address": 1}, "has no target address 1: string 1 to 2"),
        ({"kind": "charger_off", "address": 1}, "has no target address 1: charger"),
        ({"kind": "charger_off", "target": "bus"}, "has no target 'bus': charger"),
        ({"kind": "open_circuit", "address": 1, "value": 3}, "takes no value"),
        ({"kind": "shorted_cell", "address": 1, "value": 0}, "1 to 6 cells"),
        ({"kind": "dry_out", "address": 1, "value": 1.5}, "value of dry_out: 0 to 1"),
        ({"kind": "soft_short", "address": 1, "value": "much"}, "0 to 10000 mA"),
        ({"kind": "soft_short", "address": 1, "value": True}, "mA"),
        ({"kind": "soft_short", "address": 1, "value": math.nan}, "mA"),
        ({"kind": "wrong_revision", "address": 1, "value": 9.9}, "text such as '9.9'"),
        ({"kind": "wrong_revision", "address": 1, "value": "x"}, "two numbers"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(make_room, request_, said):
    room = make_room()
    with pytest.raises(ConfigError, match=said):
        room.faults.add(request_, 0.0)
    assert len(room.faults) == 0


def test_repairing_what_is_not_there(make_room):
    with pytest.raises(KeyError):
        make_room().faults.remove(7)


def test_many_faults_on_one_battery_work_together(make_room):
    room = make_room()
    whole = parameters(room)
    for kind, value in (
        ("dry_out", 1),
        ("sulphation", 1),
        ("high_resistance", 2),
        ("loose_link", 20),
        ("soft_short", 45),
    ):
        room.faults.add({"kind": kind, "address": 3, "value": value}, 0.0)
    room.faults.add({"kind": "soft_short", "address": 3, "value": 45}, 0.0)
    batteries = room.batteries
    assert batteries.r0_ohm[2] == pytest.approx(whole["r0_ohm"][2] * 2 * 1.5 * 2)
    assert batteries.q_ah[2] == pytest.approx(whole["q_ah"][2] * 0.7 * 0.6)
    assert batteries.rc_ohm[2] == pytest.approx(whole["rc_ohm"][2] * 3)
    assert batteries.ig0_a[2] == pytest.approx(whole["ig0_a"][2] * 8)
    assert batteries.heat_capacity_jk[2] == pytest.approx(whole["heat_capacity_jk"][2] * 0.9)
    assert batteries.link_ohm[2] == pytest.approx(0.02)
    assert batteries.leak_s[2] == pytest.approx(0.09 / 2.25)
    untouched = np.arange(8) != 2
    for name, values in whole.items():
        assert np.array_equal(getattr(batteries, name)[untouched], values[untouched]), name


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_repair_in_any_order_restores_exactly(make_room, order):
    room = make_room()
    whole = parameters(room)
    room.faults.add({"kind": "dry_out", "address": 3, "value": 0.3}, 0.0)
    room.faults.add({"kind": "thermal_runaway", "address": 3}, 0.0)
    room.faults.add({"kind": "high_resistance", "address": 3, "value": 1.7}, 0.0)
    room.advance(100.0)
    for number in order:
        room.faults.remove(number)
        room.advance(10.0)
    assert_whole(room, whole)


def test_the_same_fault_twice_needs_two_repairs(make_room):
    room = make_room()
    whole = parameters(room)
    for _ in range(2):
        room.faults.add({"kind": "module_silent", "address": 3}, 0.0)
    room.faults.remove(1)
    assert room.cable.silent[2]
    room.faults.remove(2)
    assert_whole(room, whole)
