"""Payloads: lengths, absent values and limits."""

import pytest

from webmanager.bus import commands
from webmanager.bus.commands import GROUP_COMMANDS, REPLY_BYTES, Command, Current, Group, Reference, Ri, Values
from webmanager.bus.frame import MAX_PAYLOAD, OVERHEAD


def test_absent_values_are_none_and_never_zero() -> None:
    assert Values.decode(Values(None, None, 0, 0x80).encode()) == Values(None, None, 0, 0x80)
    assert Values.decode(Values(0, 0, 0, 0).encode()).voltage_mv == 0
    assert Ri.decode(Ri(None, None, 5).encode()) == Ri(None, None, 5)
    assert Current.decode(Current(None, None).encode()) == Current(None, None)


def test_age_of_an_ri_stops_at_its_largest() -> None:
    assert Ri.decode(Ri(1, 2, 1_000_000).encode()).age_min == 0xFFFF


@pytest.mark.parametrize("count", [0, 33, -1])
def test_train_of_impossible_length_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"train of {count}"):
        Group(count).encode()


@pytest.mark.parametrize("payload", [b"\x00\x0a", b"\x21\x0a"])
def test_group_from_the_wire_is_checked(payload: bytes) -> None:
    with pytest.raises(ValueError, match="train of"):
        Group.decode(payload)


def test_all_256_modules_fit_a_reference() -> None:
    assert Reference.decode(Reference(1, 256, 13500).encode()) == Reference(1, 256, 13500)


@pytest.mark.parametrize("layout", ["Identity", "Values", "Ri", "Current", "Group", "Reference", "NewAddress", "Blink"])
def test_payload_of_wrong_length_says_what_is_expected(layout: str) -> None:
    with pytest.raises(ValueError, match="payload of 20 bytes"):
        getattr(commands, layout).decode(bytes(20))


def test_every_command_but_the_broadcast_has_a_reply_that_fits() -> None:
    assert set(REPLY_BYTES) == set(Command) - {Command.SET_REFERENCE, Command.REFUSED}
    assert all(OVERHEAD <= length <= OVERHEAD + MAX_PAYLOAD for length in REPLY_BYTES.values())
    assert set(REPLY_BYTES) > GROUP_COMMANDS
