import numpy as np
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig
from webmanager.room.service import RoomService
from webmanager.room.state_file import load, save


@pytest.fixture
def path(tmp_path):
    return tmp_path / "room.npz"


def test_a_room_goes_on_where_another_has_ended(make_room, path):
    room, other = make_room(), make_room()
    room.set_load(2000.0)
    room.set_mains(False)
    room.advance(1800.0)
    room.set_mains(True)
    room.advance(600.0)
    save(room, path)
    load(other, path)
    assert other.batteries.soc == pytest.approx(room.batteries.soc)
    assert other.batteries.soc.max() < 0.95
    for each in (room, other):
        each.set_references([np.nan] * 2)
        each.advance(600.0)
    assert other.batteries.voltage_v == pytest.approx(room.batteries.voltage_v, abs=1e-9)
    assert other.modules.serial.tolist() == room.modules.serial.tolist()
    assert [path.name for path in path.parent.iterdir()] == ["room.npz"]


def test_ages_go_on_from_the_moment_of_keeping(make_room, path):
    room = make_room()
    room.advance(3600.0)
    save(room, path)
    later = make_room()
    later.now_s += 1e8
    load(later, path)
    later.modules.follow(1.0, later.now_s)
    assert later.modules.ri(0).age_min == 60
    assert later.modules.ri(0).ri_uohm == room.modules.ri(0).ri_uohm


def test_a_repair_leads_back_to_the_batteries_of_the_file(make_room, path):
    room = make_room(seed=2)
    save(room, path)
    other = make_room(seed=3)
    load(other, path)
    fault = other.faults.add({"kind": "dry_out", "address": 1}, 0.0)
    other.faults.remove(fault.id)
    assert other.batteries.q_ah.tolist() == room.batteries.q_ah.tolist()


def test_broken_rooms_are_not_kept(make_room, path):
    room = make_room()
    room.faults.add({"kind": "dry_out", "address": 1}, 0.0)
    with pytest.raises(ConfigError, match="repair them first"):
        save(room, path)
    assert not path.exists()


def test_what_is_not_a_state_of_this_room(make_room, path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(make_room(), path)
    path.write_bytes(b"no state")
    with pytest.raises(ConfigError, match="does not fit this room"):
        load(make_room(), path)
    save(make_room(modules=16), path)
    with pytest.raises(ConfigError, match="does not fit this room"):
        load(make_room(), path)
    np.savez(path, format=np.asarray(99))
    with pytest.raises(ConfigError, match="of format 99"):
        load(make_room(), path)


def test_the_process_starts_from_it(make_room, path):
    room = make_room()
    room.set_load(2000.0)
    room.set_mains(False)
    room.advance(1800.0)
    save(room, path)
    config = RoomConfig(modules=8, strings=2, block=BlockType(), revision="1.3", state=str(path))
    service = RoomService(config, 2_000_000_000.0, 0.0)
    assert service.room.batteries.soc.max() < 0.95
    assert service.room.now_s == 2_000_000_000.0
