"""Other network settings are good once an admin has come in through them, from where the reboot was asked for."""

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.app.trial import NetworkTrial

AFAR, HERE = "192.0.2.7", "127.0.0.1"


def begun(asked_from: str, keeper: MemoryStateKeeper | None = None) -> NetworkTrial:
    trial = NetworkTrial(keeper)
    trial.came_in(asked_from)
    trial.begin()
    return trial


async def reached(trial: NetworkTrial) -> bool:
    return await trial.reached(0.01)


@pytest.mark.parametrize("remote", [AFAR, "2001:db8::1"])
async def test_whoever_asked_from_afar_has_to_come_in_from_afar(remote: str) -> None:
    trial = begun(remote)
    trial.came_in(HERE)
    trial.came_in("::1")
    assert not await reached(trial)
    trial.came_in(AFAR)
    assert await reached(trial)


@pytest.mark.parametrize("remote", [HERE, AFAR])
async def test_who_asked_on_the_host_may_come_in_from_anywhere(remote: str) -> None:
    trial = begun(HERE)
    trial.came_in(remote)
    assert await reached(trial)


async def test_what_came_before_the_reboot_does_not_count() -> None:
    trial = begun(AFAR)
    assert not await reached(trial)
    trial.came_in(AFAR)
    trial.begin()
    assert not await reached(trial)


async def test_a_power_cut_decides_nothing() -> None:
    keeper = MemoryStateKeeper()
    begun(AFAR, keeper)
    after = NetworkTrial(keeper)
    assert after.is_on
    after.came_in(HERE)
    assert not await reached(after)
    after.came_in(AFAR)
    assert await reached(after)
    after.end()
    assert not NetworkTrial(keeper).is_on


@pytest.mark.parametrize("remote", [None, "", "no address"])
async def test_an_address_that_is_none_is_taken_for_the_host_itself(remote: str | None) -> None:
    trial = begun(AFAR)
    trial.came_in(remote)
    assert not await reached(trial)


def test_without_a_trial_nothing_is_on() -> None:
    trial = NetworkTrial(None)
    trial.came_in(AFAR)
    assert not trial.is_on
