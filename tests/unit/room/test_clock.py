import pytest

from webmanager.room.clock import RoomClock


def make(factor):
    return RoomClock(1_700_000_000.0, 50.0, factor)


def scan(clock, host_s, period_host_s, number):
    for _ in range(number):
        clock.scan_begins(host_s)
        host_s += period_host_s
    return host_s


def test_time_runs_at_the_factor_that_was_set():
    clock = make(600.0)
    assert clock.now_s(51.0) == 1_700_000_600.0
    clock.set_factor(10.0, 51.0)
    assert clock.now_s(52.0) == pytest.approx(1_700_000_610.0)
    assert clock.version == 2
    assert clock.factor_reached == clock.factor_set == 10.0


def test_setting_what_is_set_changes_nothing():
    clock = make(1.0)
    clock.set_factor(1.0, 60.0)
    assert clock.version == 1


def test_a_scan_that_takes_longer_than_sixty_device_seconds_slows_time():
    clock = make(3600.0)
    scan(clock, 50.0, 0.1, 30)
    assert clock.factor_set == 3600.0
    assert 350.0 < clock.factor_reached <= 600.0


def test_a_scan_within_sixty_seconds_does_not():
    clock = make(500.0)
    scan(clock, 50.0, 0.1, 50)
    assert clock.factor_reached == 500.0
    assert clock.version == 1


def test_time_recovers_when_scans_are_short_again():
    clock = make(3600.0)
    host_s = scan(clock, 50.0, 0.2, 30)
    slow = clock.factor_reached
    scan(clock, host_s, 0.005, 60)
    assert slow <= 300.0
    assert clock.factor_reached == 3600.0


def test_one_hiccup_costs_half_and_heals():
    clock = make(600.0)
    host_s = scan(clock, 50.0, 0.05, 10)
    clock.scan_begins(host_s + 2.0)
    assert clock.factor_reached == pytest.approx(300.0)
    scan(clock, host_s + 2.05, 0.05, 20)
    assert clock.factor_reached == 600.0


def test_retries_of_the_lowest_address_do_not_hide_a_long_scan():
    clock = make(3600.0)
    host_s = 50.0
    for _ in range(30):
        clock.scan_begins(host_s)
        clock.scan_begins(host_s + 0.01)
        host_s += 0.1
    assert clock.factor_reached <= 60.0 / 0.09


def test_physics_that_needs_more_than_half_the_time_slows_it():
    clock = make(10_000.0)
    clock.physics_took(0.08, 0.1, 60.0)
    assert clock.factor_reached == pytest.approx(5000.0)
    for step in range(20):
        clock.physics_took(0.02, 0.1, 61.0 + step)
    assert clock.factor_reached == 10_000.0


def test_never_slower_than_real_time_because_of_load():
    clock = make(2.0)
    for step in range(20):
        clock.physics_took(0.1, 0.1, 60.0 + step)
    assert clock.factor_reached == 1.0


def test_less_than_real_time_only_when_set():
    clock = make(0.5)
    clock.physics_took(0.1, 0.1, 60.0)
    assert clock.factor_reached == 0.5


def test_time_never_steps():
    clock = make(3600.0)
    before = clock.now_s(60.0)
    clock.physics_took(0.1, 0.1, 60.0)
    assert clock.now_s(60.0) == pytest.approx(before, abs=1e-4)
    assert clock.version == 2
