from pathlib import Path

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig, parse_revision
from webmanager.room.inbox.arrivals import Channel
from webmanager.room.inbox.ports import InboxPorts

SAMPLE = Path(__file__).parents[3] / "config" / "room.toml"


def read(tmp_path: Path, text: str) -> RoomConfig:
    path = tmp_path / "room.toml"
    path.write_text(text, encoding="utf-8")
    return RoomConfig.from_toml(path)


def test_the_sample_file_holds_the_defaults():
    assert RoomConfig.from_toml(SAMPLE) == RoomConfig()


def test_every_key_is_read(tmp_path):
    config = read(
        tmp_path,
        """
        [room]
        modules = 6
        strings = 2
        start = "fresh"
        noise = "high"
        speed = 600
        seed = 7
        [block]
        nominal_v = 2
        capacity_ah = 1000
        technology = "OPZV"
        [module]
        type = "C42"
        revision = "1.1"
        firmware = "3.2"
        [bus]
        baud = 9600
        order = [[3, 2, 1], [4, 5, 6]]
        [inbox]
        on = true
        bind = "127.0.0.2"
        mail = 2525
        rccmd = 6003
        trap = 1162
        syslog = 1514
        webhook = 8090
        [com2]
        device = "modem"
        [surroundings]
        ambient_c = 30
        rack_k = 0
        [supply]
        mains = false
        load_w = 500
        float_v_per_cell = 2.25
        current_limit_a = 50
        """,
    )
    assert config == RoomConfig(
        modules=6,
        strings=2,
        block=BlockType(2, 1000.0, "OPZV"),
        start="fresh",
        noise="high",
        speed=600.0,
        seed=7,
        module_type="C42",
        revision="1.1",
        firmware="3.2",
        baud=9600,
        branch_order=((3, 2, 1), (4, 5, 6)),
        com2="modem",
        inbox=InboxPorts("127.0.0.2", 2525, 6003, 1162, 1514, 8090),
        ambient_c=30.0,
        rack_k=0.0,
        load_w=500.0,
        mains=False,
        float_v_per_cell=2.25,
        current_limit_a=50.0,
    )
    assert config.branches == ((3, 2, 1), (4, 5, 6))
    assert config.first_load_w == 500.0


def test_what_is_not_said_suits_the_block():
    config = RoomConfig(modules=4, strings=2, block=BlockType(2, 500.0))
    assert (config.type_name, config.revision_text) == ("C41", "1.0")
    assert config.branches == ((1, 2), (3, 4))
    assert config.first_load_w == pytest.approx(0.4 * 4 * 2 * 500)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[room]\nmodules = 257", r"\[room\] modules = 257: allowed is a whole number, 1 to 256"),
        ("[room]\nmodules = true", "allowed is a whole number"),
        ("[room]\nmodules = 10\nstrings = 3", "do not divide evenly"),
        ('[room]\nstart = "new"', "allowed is settled, fresh"),
        ("[block]\nnominal_v = 5", "allowed is 2, 4, 6, 12"),
        ("[block]\ncapacity_ah = 3", "allowed is 7 to 5000"),
        ("[bus]\nbaud = 1200", "9600, 19200, 38400"),
        ("[room]\nmodules = 2\nstrings = 1\n[bus]\norder = [[1, 1]]", "name each address from 1 to 2 once"),
        ("[bus]\norder = 5", "a list of addresses for each branch"),
        ('[module]\nrevision = "two"', "two numbers of 0 to 255"),
        ("[module]\ncolour = 1", "colour is not known: type, revision, firmware"),
        ("[moduls]\nx = 1", r"table \[moduls\] is not known: room, block"),
        ("modules = 3", "is not known: room"),
        ("[room", "not TOML"),
        ("[inbox]\nmail = 65536", r"\[inbox\] mail = 65536: allowed is a whole number, 0 to 65535"),
        ("[inbox]\non = 1", r"\[inbox\] on = 1: allowed is true, false"),
        ("[inbox]\nfax = 1", "fax is not known: on, bind, mail, rccmd, trap, syslog, webhook"),
    ],
)
def test_errors_say_file_table_key_and_what_is_allowed(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "room.toml"))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        RoomConfig.from_toml(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("", ()),
        ('[com2]\ndevice = "modem"', ()),
        ("[inbox]\nmail = 2525", ()),
        ("[inbox]\non = false", ()),
        ("[inbox]\non = true", tuple(channel for channel in Channel if channel is not Channel.SMS)),
        ('[inbox]\non = true\n[com2]\ndevice = "modem"', tuple(Channel)),
    ],
)
def test_nobody_is_told_unless_the_inbox_is_on(tmp_path, text, channels):
    assert read(tmp_path, text).channels == channels


def test_revisions():
    assert parse_revision("2.1") == (2, 1)
    for wrong in ("2", "2.1.1", "a.b", "2.256", "", "-1.2"):
        with pytest.raises(ConfigError):
            parse_revision(wrong)
