"""Each fault in what the modules and sensors measure, on the injected clock, and its repair."""

import math

import numpy as np
import pytest

from webmanager.bus.commands import Command, Group, Identity
from webmanager.bus.frame import Decoder, Frame
from webmanager.domain.reading import ModuleStatus
from webmanager.room.fault_kinds import KINDS, LATER, Target

HOUR = 3600.0
DESIGNED = {
    "open_circuit", "shorted_cell", "soft_short", "high_resistance", "loose_link", "dry_out", "sulphation", "hot_spot",
    "thermal_runaway", "module_silent", "module_destroyed", "bit_errors", "bus_break", "wrong_revision",
    "duplicate_address", "current_sensor_silent", "charger_overvoltage", "charger_off", "ripple",
    "receiver_dead", "receiver_slow",
    "receiver_refuses",
}  # fmt: skip


def add(room, kind, **target):
    return room.faults.add({"kind": kind, **target}, room.now_s).id


def run(room, seconds, longest_s=30.0):
    """Lets time pass with a controller that sends each string its mean, once a minute."""
    for _ in range(max(1, round(seconds / 60.0))):
        volts = room.measure().voltage_v.reshape(room.config.strings, -1)
        median = np.nanmedian(volts, axis=1, keepdims=True)
        good = np.where(np.abs(volts - median) < 0.08 * median, volts, np.nan)
        room.set_references(np.nanmean(good, axis=1))
        room.advance(min(seconds, 60.0), longest_s)
    return room.measure()


def measured_ri(room, index):
    """Mean of a few measurements, mOhm."""
    seen = []
    for _ in range(8):
        room.modules.start_ri(index, room.now_s)
        room.advance(10.0, 5.0)
        seen.append(room.measure().ri_mohm[index])
    return np.mean(seen)


def answering(room, address, command=Command.READ_VALUES, payload=b""):
    answers = room.responder.answer(Frame(command, address, 0, payload), room.now_s).answers
    frames = []
    for answer in answers:
        frames += Decoder(replies=True).feed(answer.data)
    return frames


def test_the_table_is_the_designed_one():
    assert set(KINDS) == DESIGNED
    assert set(LATER) == {"ups_silent", "sensor_high"}
    for kind, row in KINDS.items():
        assert row.kind == kind
        assert row.title
        assert row.help.endswith(".")
        assert row.check(None) == row.default
    assert {row.target for row in KINDS.values()} == {
        Target.ADDRESS, Target.STRING, Target.CHARGER, Target.ADDRESS_OR_BUS, Target.CHANNEL,
    }  # fmt: skip


def test_open_circuit(make_room):
    room = make_room(modules=16, strings=2)
    before = run(room, 120)
    fault = add(room, "open_circuit", address=3)
    after = run(room, 0.5 * HOUR)
    # all that still flows, flows through the limiter of this one module
    assert after.current_a[0] < 0.1
    assert after.equalizing_percent[2] > 1.5 * np.delete(after.equalizing_percent[:8], 2).max()
    room.set_references([math.nan] * 2)
    room.advance(3 * HOUR)
    volts = room.measure().voltage_v[:8]
    assert math.isnan(volts[2]) or volts[2] > np.delete(volts, 2).max() + 1.0
    room.modules.start_ri(2, room.now_s)
    room.advance(10.0, 5.0)
    assert math.isnan(room.measure().ri_mohm[2])
    room.set_mains(False)
    room.advance(60.0)
    discharging = room.measure().current_a
    assert discharging[0] == pytest.approx(0.0, abs=0.1)
    assert discharging[1] < -10
    room.set_mains(True)
    room.faults.remove(fault)
    assert run(room, 24 * HOUR).voltage_v[2] == pytest.approx(before.voltage_v[2], abs=0.15)


def test_shorted_cell(make_room):
    room = make_room()
    before = run(room, 120).voltage_v
    fault = add(room, "shorted_cell", address=2)
    after = run(room, 0.5 * HOUR).voltage_v
    assert after[1] == pytest.approx(before[1] * 5 / 6, rel=0.05)
    assert after[0] > before[0] + 0.2
    room.faults.remove(fault)
    assert run(room, 24 * HOUR).voltage_v[1] == pytest.approx(before[1], abs=0.15)


def test_shorted_cell_of_a_single_cell_block_leaves_almost_nothing(make_room):
    room = make_room(nominal_v=2)
    room.advance(10.0)
    add(room, "shorted_cell", address=1)
    room.advance(60.0)
    scan = room.measure()
    assert room.batteries.voltage_v[0] < 0.2
    assert not scan.answered[0]  # its module has no supply left
    assert np.isfinite(scan.voltage_v[1:]).all()


def test_soft_short(make_room):
    room = make_room()
    run(room, 120)
    room.set_references([math.nan] * 2)
    fault = add(room, "soft_short", address=1, value=200)
    room.advance(6 * HOUR, 60.0)
    after = room.measure()
    assert after.voltage_v[0] < after.voltage_v[1:4].min() - 0.2
    sick = after.voltage_v[0]
    room.faults.remove(fault)
    assert run(room, 24 * HOUR, 60.0).voltage_v[0] > sick + 0.1


@pytest.mark.parametrize(
    ("kind", "value", "factor"), [("high_resistance", 3.0, 3.0), ("dry_out", 1.0, 2.0), ("sulphation", 1.0, 1.5)]
)
def test_what_raises_ri(make_room, kind, value, factor):
    room = make_room()
    run(room, 120)
    before, neighbour = measured_ri(room, 4), measured_ri(room, 5)
    fault = add(room, kind, address=5, value=value)
    assert measured_ri(room, 4) == pytest.approx(factor * before, rel=0.08)
    assert measured_ri(room, 5) == pytest.approx(neighbour, rel=0.05)
    room.faults.remove(fault)
    assert measured_ri(room, 4) == pytest.approx(before, rel=0.05)


def test_loose_link(make_room):
    room = make_room()
    run(room, 120)
    before = measured_ri(room, 4)
    fault = add(room, "loose_link", address=5)
    assert measured_ri(room, 4) == pytest.approx(before + 20.0, rel=0.08)
    cold = room.measure().temperature_c
    room.set_load(4000.0)
    room.set_mains(False)
    rise = run(room, 0.75 * HOUR).temperature_c - cold
    assert rise[4] > rise[5] + 1.0
    room.faults.remove(fault)
    assert measured_ri(room, 4) == pytest.approx(before, rel=0.3)


@pytest.mark.parametrize("kind", ["dry_out", "sulphation"])
def test_what_costs_capacity(make_room, kind):
    def first_below(broken):
        room = make_room(modules=8, strings=1)
        if broken:
            add(room, kind, address=3)
        room.set_load(2500.0)
        room.set_mains(False)
        for minute in range(240):
            room.advance(60.0)
            volts = room.measure().voltage_v
            if volts.min() < 10.5:
                return minute, int(volts.argmin())
        raise AssertionError("never empty")

    healthy, sick = first_below(False), first_below(True)
    assert sick[1] == 2
    assert sick[0] < 0.75 * healthy[0]


def test_dry_out_lowers_the_float_voltage(make_room):
    room = make_room()
    run(room, 120)
    room.set_references([math.nan] * 2)
    before = room.measure().voltage_v
    add(room, "dry_out", address=5)
    for _ in range(6):
        room.advance(HOUR, 60.0)
    after = room.measure().voltage_v
    assert after[4] < before[4] - 0.3


def test_hot_spot(make_room):
    room = make_room()
    before = run(room, 120).temperature_c
    fault = add(room, "hot_spot", address=7)
    room.advance(24 * HOUR, 60.0)
    after = room.measure().temperature_c
    assert after[6] - before[6] == pytest.approx(8.0, abs=1.0)
    assert after[5] - before[5] == pytest.approx(0.0, abs=0.5)
    room.faults.remove(fault)
    room.advance(24 * HOUR, 60.0)
    assert room.measure().temperature_c[6] == pytest.approx(before[6], abs=0.8)


def test_thermal_runaway_runs_away_by_itself(make_room):
    room = make_room(modules=16, strings=2)
    before = run(room, 120).temperature_c
    fault = add(room, "thermal_runaway", address=2)
    rises = []
    for _ in range(16):
        room.advance(HOUR, 60.0)
        rises.append(room.measure().temperature_c[1] - before[1])
    assert rises[4] > 5.0
    assert np.nanmax(rises) > 30.0
    assert np.nanmax(np.diff(rises)) > 4 * rises[0]  # ever faster
    room.faults.remove(fault)
    hot = room.batteries.temperature_c[1]
    room.advance(12 * HOUR, 60.0)
    assert room.measure().temperature_c[1] < before[1] + 0.3 * (hot - before[1])


def test_a_healthy_block_does_not_run_away(make_room):
    room = make_room(modules=16, strings=2)
    before = run(room, 120).temperature_c
    room.advance(16 * HOUR, 60.0)
    assert room.measure().temperature_c == pytest.approx(before, abs=0.6)


def test_module_silent(make_room):
    room = make_room()
    run(room, 60)
    fault = add(room, "module_silent", address=4)
    scan = run(room, 60)
    assert scan.answered.tolist() == [True] * 3 + [False] + [True] * 4
    for values in (scan.voltage_v, scan.temperature_c, scan.equalizing_percent, scan.ri_mohm):
        assert np.isnan(values).nonzero()[0].tolist() == [3]
    assert answering(room, 4) == []
    room.faults.remove(fault)
    assert room.measure().answered.all()


def test_module_destroyed_comes_back_as_a_new_one_without_an_address(make_room):
    room = make_room()
    run(room, 60)
    old = room.modules.identity(3).serial
    fault = add(room, "module_destroyed", address=4)
    assert not run(room, 60).answered[3]
    assert room.batteries.supply_w[3] == 0.0
    room.faults.remove(fault)
    room.advance(10.0)
    assert not room.measure().answered[3]
    (frame,) = answering(room, 0, Command.IDENTIFY)
    assert Identity.decode(frame.payload).serial != old
    room.modules.readdress(3, 4)
    assert room.measure().answered.all()


def test_bit_errors_at_one_module(make_room):
    room = make_room()
    run(room, 60)
    fault = add(room, "bit_errors", address=4, value=0.01)
    answers = [room.responder.answer(Frame(Command.READ_VALUES, 4, 0), room.now_s).answers for _ in range(100)]
    assert {answer.error_rate for given in answers for answer in given} == {0.01}
    assert sum(map(len, answers)) < 90
    assert len(answering(room, 5)) == 1
    room.faults.remove(fault)
    assert len(answering(room, 4)) == 1


def test_bit_errors_on_the_bus(make_room):
    room = make_room()
    fault = add(room, "bit_errors", bus=True)
    assert room.cable.bus_error_rate == 1e-4
    assert not room.cable.error_rate.any()
    room.faults.remove(fault)
    assert room.cable.bus_error_rate == 0.0


def test_bus_break(make_room):
    room = make_room()
    run(room, 60)
    fault = add(room, "bus_break", address=6)
    assert run(room, 60).answered.tolist() == [True] * 6 + [False] * 2
    assert [frame.address for frame in answering(room, 1, payload=Group(8).encode())] == [1, 2, 3, 4, 5, 6]
    room.faults.remove(fault)
    assert room.measure().answered.all()


def test_bus_break_follows_the_cable_not_the_address(make_room):
    room = make_room(branch_order=((4, 3, 2, 1), (5, 6, 7, 8)))
    add(room, "bus_break", address=3)
    assert run(room, 60).answered.tolist() == [False, False] + [True] * 6


def test_wrong_revision(make_room):
    room = make_room(revision="1.4")
    run(room, 60)
    fault = add(room, "wrong_revision", address=2)
    (frame,) = answering(room, 2, Command.IDENTIFY)
    assert Identity.decode(frame.payload).revision == (9, 9)
    (other,) = answering(room, 3, Command.IDENTIFY)
    assert Identity.decode(other.payload).revision == (1, 4)
    room.faults.remove(fault)
    (frame,) = answering(room, 2, Command.IDENTIFY)
    assert Identity.decode(frame.payload).revision == (1, 4)


def test_a_module_of_another_revision_was_exchanged_and_starts_anew(make_room):
    room = make_room()
    for index in range(8):
        room.modules.identified(index)
    room.modules.set_reference(np.ones(8, bool), 13.6, room.now_s)
    fault = add(room, "wrong_revision", address=2)
    assert room.modules.restarted.tolist() == [False, True] + [False] * 6
    assert np.isnan(room.modules.reference_v).tolist() == [False, True] + [False] * 6
    room.modules.identified(1)
    add(room, "module_silent", address=5)
    run(room, 60)
    assert not room.modules.restarted.any()
    room.faults.remove(fault)
    assert room.modules.restarted[1]


def test_duplicate_address(make_room):
    room = make_room()
    run(room, 60)
    fault = add(room, "duplicate_address", address=2)
    assert len(room.responder.answer(Frame(Command.READ_VALUES, 2, 0), room.now_s).answers) == 2
    assert room.measure().answered.tolist() == [True, False] + [True] * 6
    room.faults.remove(fault)
    assert room.measure().answered.all()


def test_current_sensor_silent(make_room):
    room = make_room()
    run(room, 60)
    fault = add(room, "current_sensor_silent", string=2)
    scan = run(room, 60)
    assert np.isnan(scan.current_a).tolist() == [False, True]
    assert np.isnan(scan.ripple_a).tolist() == [False, True]
    assert answering(room, 2, Command.READ_CURRENT) == []
    room.faults.remove(fault)
    assert np.isfinite(room.measure().current_a).all()


def test_charger_overvoltage(make_room):
    room = make_room()
    before = run(room, 120)
    fault = add(room, "charger_overvoltage")
    after = run(room, HOUR)
    assert after.voltage_v.mean() / 6 == pytest.approx(2.45, abs=0.01)
    assert after.current_a.mean() > 3 * before.current_a.mean()
    room.faults.remove(fault)
    assert run(room, 6 * HOUR).voltage_v.mean() / 6 == pytest.approx(2.27, abs=0.01)


def test_charger_off(make_room):
    room = make_room()
    before = run(room, 120).voltage_v
    fault = add(room, "charger_off")
    after = run(room, HOUR)
    assert (after.voltage_v < before - 0.15).all()
    assert after.current_a == pytest.approx(room.sensors.offset_a, abs=0.06)
    room.faults.remove(fault)
    assert run(room, 6 * HOUR).voltage_v == pytest.approx(before, abs=0.1)


def test_ripple(make_room):
    room = make_room(modules=64, strings=2)
    run(room, 60)
    before = room.measure().temperature_c.mean()

    def scatter():
        for index in range(64):
            room.modules.start_ri(index, room.now_s)
        room.advance(10.0, 5.0)
        return np.std(room.measure().ri_mohm / (room.batteries.ri_ohm() * 1000.0))

    calm = scatter()
    fault = add(room, "ripple", value=40)
    run(room, 60)
    assert room.measure().ripple_a == pytest.approx([20.0, 20.0])
    assert scatter() > 4 * calm
    run(room, 6 * HOUR)
    assert room.measure().temperature_c.mean() > before + 0.3
    room.set_mains(False)
    room.advance(5.0)
    assert room.measure().ripple_a.tolist() == [0.0, 0.0]
    room.set_mains(True)
    room.faults.remove(fault)
    room.advance(5.0)
    assert room.measure().ripple_a.tolist() == [0.0, 0.0]


def test_two_faults_on_the_same_bus_position_do_not_hide_each_other(make_room):
    room = make_room()
    run(room, 60)
    silent = add(room, "module_silent", address=7)
    broken = add(room, "bus_break", address=5)
    assert room.measure().answered.tolist() == [True] * 5 + [False] * 3
    room.faults.remove(broken)
    assert room.measure().answered.tolist() == [True] * 6 + [False, True]
    room.faults.remove(silent)
    assert room.measure().answered.all()
    assert not room.measure().status[6] & ModuleStatus.SENSOR_FAULT
