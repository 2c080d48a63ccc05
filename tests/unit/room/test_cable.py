import numpy as np
import pytest

from webmanager.room.cable import Cable, flip_bits, garble


def test_a_break_cuts_off_what_lies_further_along_the_branch():
    cable = Cable([(1, 2, 3), (6, 5, 4)], strings=2)
    cable.cut_behind(0)
    cable.cut_behind(5)
    assert cable.reached.tolist() == [True, False, False, False, False, True]


def test_behind_the_last_one_nothing_lies():
    cable = Cable([(1, 2), (3, 4)], strings=2)
    cable.cut_behind(1)
    assert cable.reached.all()


def test_mending_takes_all_damage_back():
    cable = Cable([(1, 2)], strings=1)
    cable.cut_behind(0)
    cable.silent[1] = cable.doubled[0] = cable.sensor_silent[0] = True
    cable.error_rate[0] = cable.bus_error_rate = 0.1
    cable.mend()
    assert cable.reached.all()
    for damage in (cable.silent, cable.doubled, cable.sensor_silent, cable.error_rate):
        assert not damage.any()
    assert cable.bus_error_rate == 0.0


@pytest.mark.parametrize("rate", [1e-3, 0.02, 0.3])
def test_bits_turn_over_at_the_rate(rate):
    data = bytes(5000)
    turned = sum(byte.bit_count() for byte in flip_bits(data, rate, np.random.default_rng(3)))
    assert turned == pytest.approx(rate * 40_000, rel=0.2)


def test_without_errors_the_very_same_bytes_come_out():
    data = b"untouched"
    assert flip_bits(data, 0.0, np.random.default_rng(1)) is data
    assert flip_bits(data, 1e-12, np.random.default_rng(1)) is data
    assert flip_bits(b"\x00\xff", 1.0, np.random.default_rng(1)) == b"\xff\x00"


def test_no_byte_survives_a_collision():
    data = bytes(range(256)) * 4
    left = garble(data, np.random.default_rng(1))
    assert len(left) == len(data)
    assert all(a != b for a, b in zip(data, left, strict=True))
