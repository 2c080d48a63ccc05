"""The tables of the front panel: each row of the manual, and a reason for every lamp."""

import itertools

import pytest

from webmanager.domain.panel import (
    LABELS,
    LIGHTS,
    STATUS,
    Condition,
    Dips,
    Lamp,
    Light,
    Line,
    Link,
    Mode,
    Phase,
    lamps,
    mode_text,
)
from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue

LOST = Line(True, True, False, "The UPS does not answer.")
BUS = Line(True, True, True, "248 of 256 batteries answer.")


def shown(**condition: object) -> dict[str, Lamp]:
    return {lamp.key: lamp for lamp in lamps(Condition(**condition))}  # type: ignore[arg-type]


# the manual: state of the device, red, green
MANUAL = [
    ({"phase": Phase.UNPACKING}, Light.FLASHING, Light.OFF),
    ({"phase": Phase.REBOOTING}, Light.ON, Light.OFF),
    ({"phase": Phase.OVERFLOW}, Light.ON, Light.ON),
    ({}, Light.OFF, Light.FLASHING),
    ({"com1": LOST}, Light.ON, Light.OFF),
]


@pytest.mark.parametrize(("condition", "red", "green"), MANUAL)
def test_the_status_led_is_that_of_the_manual(condition: dict[str, object], red: Light, green: Light) -> None:
    lamp = shown(**condition)
    assert (lamp["red"].light, lamp["green"].light) == (red, green)


def test_the_lan_leds_are_those_of_the_manual() -> None:
    lamp = shown(link=Link(True, "eth0, 100 Mbit/s"), is_asked=True)
    assert (lamp["lan_link"].colour, lamp["lan_link"].light) == ("green", Light.ON)
    assert lamp["lan_link"].why == "Connected: eth0, 100 Mbit/s."
    assert (lamp["lan_activity"].colour, lamp["lan_activity"].light) == ("yellow", Light.FLICKERING)
    lamp = shown(link=Link(False, "eth0"))
    assert (lamp["lan_link"].light, lamp["lan_activity"].light) == (Light.OFF, Light.OFF)
    assert "does not tell" in shown()["lan_link"].why


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({}, "The device works."),
        ({"mode": Mode.CONFIGURATION}, "The device works, in configuration mode."),
        ({"bus_trouble": "Port lost."}, "The device works, its battery bus does not: Port lost."),
        ({"store_trouble": "Flash worn."}, "The device works, its store does not: Flash worn."),
        ({"store_trouble": "b", "bus_trouble": "a"}, "The device works, its battery bus does not: a"),
    ],
)
def test_green_says_what_works_and_what_does_not(condition: dict[str, object], why: str) -> None:
    assert shown(**condition)["green"].why == why


def test_a_restart_outranks_everything_else() -> None:
    lamp = shown(phase=Phase.REBOOTING, com1=LOST, bus_trouble="x", mode=Mode.CONFIGURATION)
    assert (lamp["red"].why, lamp["green"].light) == ("The device restarts.", Light.OFF)


@pytest.mark.parametrize(
    ("alarms", "waiting", "light", "why"),
    [
        (0, 0, Light.OFF, "No alarm is open."),
        (1, 1, Light.FLASHING, "1 alarm is open, 1 is not acknowledged."),
        (3, 2, Light.FLASHING, "3 alarms are open, 2 are not acknowledged."),
        (3, 0, Light.ON, "3 alarms are open, acknowledged or shelved."),
    ],
)
def test_the_alarm_led_flashes_until_somebody_takes_care(alarms: int, waiting: int, light: Light, why: str) -> None:
    lamp = shown(alarms=alarms, unacknowledged=waiting)["alarm"]
    assert (lamp.light, lamp.why) == (light, why)


def test_the_lamps_of_a_port_follow_its_line() -> None:
    lamp = shown(com3=BUS, com1=LOST)
    assert (lamp["com3_tx"].light, lamp["com3_rx"].light) == (Light.FLICKERING, Light.FLICKERING)
    assert lamp["com3_rx"].why == "248 of 256 batteries answer."
    assert (lamp["com1_tx"].light, lamp["com1_rx"].light) == (Light.FLICKERING, Light.OFF)
    assert (lamp["com2_tx"].light, lamp["com2_tx"].why) == (Light.OFF, "Nothing is set up on this port.")


def test_every_lamp_has_a_label_a_colour_and_a_reason_in_every_condition() -> None:
    for phase, mode, bus, ups in itertools.product(Phase, Mode, ("", "Bus down."), (Line(), LOST)):
        found = lamps(Condition(phase, mode, 1, 1, bus, com1=ups))
        assert [lamp.key for lamp in found] == list(LABELS)
        for lamp in found:
            assert lamp.colour in {"red", "green", "yellow"}
            assert lamp.light in LIGHTS
            assert lamp.why.endswith(".")
            assert "{" not in lamp.why


def test_braces_in_what_others_say_stay_as_they_are() -> None:
    assert shown(bus_trouble="port {x}")["green"].why.endswith("port {x}")


@pytest.mark.parametrize(
    ("one", "two", "mode", "described"),
    [
        (False, False, Mode.CONFIGURATION, True),
        (True, False, Mode.NORMAL, True),
        (False, True, Mode.NORMAL, False),
        (True, True, Mode.NORMAL, False),
    ],
)
def test_the_dip_switches_choose_the_mode(one: bool, two: bool, mode: Mode, described: bool) -> None:
    dips = Dips(one, two)
    assert (dips.mode, dips.is_described) == (mode, described)
    assert ("manual" in mode_text(dips)) is not described


def test_reasons_are_given_in_the_language_spoken() -> None:
    with speaking(tongue("de")):
        assert shown()["green"].why == "Das Gerät arbeitet."
        assert shown(alarms=2, unacknowledged=1)["alarm"].why.startswith("2 Alarme sind offen")
        assert mode_text(Dips(False, False)) == "Beide aus: Konfigurationsmodus."


def test_each_row_of_the_table_says_something_of_its_own() -> None:
    assert len({row.text for row in STATUS.values()}) == len(STATUS)
