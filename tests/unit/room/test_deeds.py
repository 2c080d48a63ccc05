import pytest

from webmanager.room.deeds import BROKEN, MAINS_OFF, MAINS_ON, MOST_KEPT, REPAIRED, Deeds
from webmanager.room.inbox.arrivals import Channel, Letter


def letter(text):
    return Letter(Channel.MAIL, "", text.splitlines()[0], text)


def test_what_is_broken_and_repaired_is_noted_once(make_room):
    room, deeds = make_room(), Deeds(mains=True)
    fault = room.faults.add({"kind": "module_silent", "address": 3}, room.now_s)
    for host_s in (1.0, 2.0):
        deeds.follow(room.faults, mains=True, at_s=60.0 * host_s, host_s=host_s)
    room.faults.remove(fault.id)
    deeds.follow(room.faults, mains=True, at_s=600.0, host_s=10.0)
    assert [(deed.what, deed.title, deed.where, deed.at_s, deed.host_s) for deed in deeds.newest(9)] == [
        (REPAIRED, "Module silent", "S1-3", 600.0, 10.0),
        (BROKEN, "Module silent", "S1-3", 60.0, 1.0),
    ]


def test_the_cause_is_the_newest_deed_at_the_place_that_is_named(make_room):
    room, deeds = make_room(modules=40, strings=2), Deeds(mains=True)
    for at_s, address in ((10.0, 1), (20.0, 12), (30.0, 2)):
        room.faults.add({"kind": "module_silent", "address": address}, room.now_s)
        deeds.follow(room.faults, mains=True, at_s=at_s, host_s=at_s / 10)
    deed, cause = deeds.cause_of(letter("Room: ALARM: S1-1 does not answer"), 41.0, 4.5)
    assert (deed.where, cause.what, cause.title, cause.where) == ("S1-1", BROKEN, "Module silent", "S1-1")
    assert (cause.after_s, cause.host_after_s) == pytest.approx((31.0, 3.5))
    assert deeds.cause_of(letter("x\nS1-12 does not answer"), 41.0, 4.5)[1].where == "S1-12"
    assert deeds.cause_of(letter("S1-13 does not answer"), 41.0, 4.5) is None
    assert deeds.cause_of(letter("The device has started"), 41.0, 4.5) is None


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"kind": "bus_break", "address": 2}, "Bus cable open behind S1-2 (2 modules silent)"),
        ({"kind": "current_sensor_silent", "string": 2}, "Current sensor of string 2 does not answer"),
        ({"kind": "charger_overvoltage"}, "All strings voltage 14.7 V"),
        ({"kind": "bit_errors", "bus": True}, "Many errors on the bus"),
    ],
)
def test_every_place_has_a_name_in_messages(make_room, request_, text):
    room, deeds = make_room(), Deeds(mains=True)
    room.faults.add(request_, room.now_s)
    deeds.follow(room.faults, mains=True, at_s=0.0, host_s=0.0)
    assert deeds.cause_of(letter(text), 1.0, 1.0) is not None
    assert deeds.cause_of(letter("S2-4 is warm"), 1.0, 1.0) is None


def test_the_mains(make_room):
    room, deeds = make_room(), Deeds(mains=True)
    deeds.follow(room.faults, mains=False, at_s=5.0, host_s=5.0)
    assert deeds.cause_of(letter("NOTICE: On battery: strings 1 and 2 deliver 38 A"), 9.0, 9.0)[1].what == MAINS_OFF
    deeds.follow(room.faults, mains=True, at_s=15.0, host_s=15.0)
    assert deeds.cause_of(letter("ALL-CLEAR: Back on mains after 10 s"), 19.0, 19.0)[1].what == MAINS_ON


def test_only_so_many_are_kept(make_room):
    room, deeds = make_room(), Deeds(mains=True)
    for number in range(MOST_KEPT + 5):
        deeds.follow(room.faults, mains=number % 2 == 1, at_s=float(number), host_s=0.0)
    assert len(deeds.newest(1000)) == MOST_KEPT
