import numpy as np

from webmanager.room.attention import SLEEP_AFTER_S, WAKE_AFTER_S, Attention

ALL = np.ones(4, dtype=bool)
HOUR = 3600.0


def make(module_type: str = "C20", revision: tuple[int, int] = (2, 0), size: int = 4) -> Attention:
    return Attention(size, module_type, revision, np.random.default_rng(1))


def poll(attention: Attention, start_s: float, seconds: float, every_s: float = 2.0) -> float:
    for now_s in np.arange(start_s, start_s + seconds, every_s):
        attention.hear(float(now_s), ALL)
    return start_s + seconds


def test_an_ordinary_module_answers_at_once():
    attention = make()
    attention.hear(10.0, ALL)
    assert attention.listening(10.0).all()


def test_an_eco_module_answers_after_four_seconds_of_activity():
    for module_type, revision in (("C20", (2, 1)), ("C41", (1, 1)), ("C42", (1, 1))):
        attention = make(module_type, revision)
        assert not attention.listening(0.0).any()
        attention.hear(10.0, ALL)
        attention.hear(13.9, ALL)
        assert not attention.listening(13.9).any()
        attention.hear(14.0, ALL)
        assert attention.listening(14.0).all()


def test_eco_by_type_and_revision():
    assert make("C20", (2, 1)).is_eco
    assert not make("C20", (2, 0)).is_eco
    assert not make("C30", (9, 0)).is_eco
    assert not make("C40", (9, 0)).is_eco
    assert make("C42", (1, 1)).is_eco
    assert not make("C41", (1, 0)).is_eco


def test_an_eco_module_switches_off_without_activity_and_needs_four_seconds_again():
    attention = make("C20", (2, 1))
    now_s = poll(attention, 0.0, 10.0)
    assert attention.listening(now_s + 60.0).all()
    later = now_s + 700.0
    assert not attention.listening(later).any()
    attention.hear(later, ALL)
    assert not attention.listening(later + 3.9).any()
    attention.hear(later + 4.0, ALL)
    assert attention.listening(later + 4.0).all()


def test_without_polling_modules_sleep_one_after_the_other_between_9_and_16_hours():
    size = 256
    attention = make(size=size)
    volts = np.full(size, 2.27)
    attention.hear(0.0, np.ones(size, dtype=bool))
    attention.follow(9 * HOUR - 1, volts)
    assert not attention.asleep.any()
    attention.follow(12 * HOUR, volts)
    assert 0 < attention.asleep.sum() < size
    attention.follow(16 * HOUR + 1, volts)
    assert attention.asleep.all()
    assert not attention.listening(16 * HOUR + 1).any()
    assert SLEEP_AFTER_S == (9 * HOUR, 16 * HOUR)


def test_sleep_counts_from_the_start_when_nothing_was_ever_heard():
    attention = make()
    attention.follow(0.0, np.full(4, 2.27))
    attention.follow(17 * HOUR, np.full(4, 2.27))
    assert attention.asleep.all()


def test_one_to_five_minutes_of_polling_wake_them_a_single_request_does_not():
    attention = make()
    attention.follow(0.0, np.full(4, 2.27))
    attention.follow(17 * HOUR, np.full(4, 2.27))
    attention.hear(18 * HOUR, ALL)
    attention.hear(19 * HOUR, ALL)
    assert attention.asleep.all()
    now_s = poll(attention, 20 * HOUR, 59.0)
    assert attention.asleep.all()
    poll(attention, now_s, 245.0)
    assert not attention.asleep.any()
    assert WAKE_AFTER_S == (60.0, 300.0)


def test_who_is_not_reached_does_not_wake():
    attention = make()
    attention.follow(0.0, np.full(4, 2.27))
    attention.follow(17 * HOUR, np.full(4, 2.27))
    some = np.array([True, True, False, False])
    for now_s in np.arange(0.0, 320.0, 2.0):
        attention.hear(18 * HOUR + now_s, some)
    assert attention.asleep.tolist() == [False, False, True, True]


def test_old_revisions_never_sleep():
    attention = make(revision=(1, 3))
    attention.follow(0.0, np.full(4, 2.27))
    attention.follow(1000 * HOUR, np.full(4, 2.27))
    assert not attention.asleep.any()


def test_unplugging_wakes_a_module():
    attention = make()
    attention.follow(0.0, np.full(4, 2.27))
    attention.follow(17 * HOUR, np.full(4, 2.27))
    attention.unplug(2)
    assert attention.asleep.tolist() == [True, True, False, True]


def test_a_flat_battery_switches_its_module_off_and_back_on_with_a_margin():
    attention = make()
    volts = np.array([2.0, 1.3, 1.4, 2.0])
    assert not attention.follow(1.0, volts).any()
    assert attention.listening(1.0).tolist() == [True, False, True, True]
    assert not attention.follow(2.0, np.array([2.0, 1.45, 1.45, 2.0])).any()
    started = attention.follow(3.0, np.full(4, 1.9))
    assert started.tolist() == [False, True, False, False]


def test_supply_power():
    attention = make()
    attention.asleep[1] = True
    attention.powered[2] = False
    watts = attention.supply_w(np.full(4, 13.6))
    assert watts.tolist() == [0.1, 0.007 * 13.6, 0.0, 0.1]


def test_a_dead_module_takes_nothing_and_says_nothing():
    attention = make()
    attention.dead[3] = True
    assert not attention.listening(0.0)[3]
    attention.follow(1.0, np.full(4, 2.2))
    assert attention.listening(1.0).tolist() == [True, True, True, False]
    assert attention.supply_w(np.full(4, 13.0))[3] == 0.0
