"""The front panel of a device: a real board, a real alarm desk, a real general alarm."""

import pytest

from fakes.panel import PanelStand
from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips, Light, Mode, Phase
from webmanager.engine.board import BusReport, BusState
from webmanager.engine.front_panel import OUTPUTS, FrontPanel, PanelPicture
from webmanager.engine.notify_ports import Output
from webmanager.engine.output_notes import Switching


@pytest.fixture
def device() -> PanelStand:
    return PanelStand()


def test_a_healthy_device(device: PanelStand) -> None:
    picture: PanelPicture = device.panel.look()
    assert (picture.phase, picture.mode) == (Phase.RUNNING, Mode.NORMAL)
    assert picture.lights == {
        "green": "flashing", "red": "off", "alarm": "off", "lan_link": "on", "lan_activity": "flickering",
        "com1_tx": "off", "com1_rx": "off", "com2_tx": "flickering", "com2_rx": "flickering",
        "com3_tx": "flickering", "com3_rx": "flickering",
    }  # fmt: skip
    assert device.why("com3_rx") == "256 of 256 batteries answer."
    assert [one.output for one in picture.outputs] == list(OUTPUTS)
    assert not picture.can_silence


def test_scans_that_stop_let_the_lamps_of_com3_go_out(device: PanelStand) -> None:
    device.clock.advance(3600.0)
    assert (device.light("com3_tx"), device.light("com3_rx")) == ("off", "off")
    assert device.why("com3_rx") == "The scans have stopped."


@pytest.mark.parametrize(
    ("state", "sends", "hears"),
    [(BusState.STARTING, "flickering", "off"), (BusState.DOWN, "off", "off"), (BusState.REFUSED, "off", "flickering")],
)
def test_a_bus_that_does_not_run_is_told_by_its_lamps_and_by_the_green_one(
    device: PanelStand, state: BusState, sends: str, hears: str
) -> None:
    device.board.report_bus(BusReport(state, "Something is wrong."))
    assert (device.light("com3_tx"), device.light("com3_rx")) == (sends, hears)
    assert device.why("green") == "The device works, its battery bus does not: Something is wrong."


def test_an_alarm_lights_its_lamp_opens_the_relay_and_sounds_until_it_is_silenced(device: PanelStand) -> None:
    device.clock.advance(20.0)
    device.general.tick()
    assert device.output(Output.ALARM_RELAY).is_on is True
    device.alarm()
    assert device.light("alarm") == "flashing"
    relay, buzzer = device.output(Output.ALARM_RELAY), device.output(Output.BUZZER)
    assert (relay.is_on, relay.why) == (False, "Open: general alarm, or the device does not run.")
    assert (buzzer.is_on, buzzer.why) == (True, "Sounds: an alarm waits for somebody.")
    assert buzzer.last == Switching(device.clock.now(), "general alarm")
    assert device.panel.look().can_silence

    device.panel.silence("somebody")
    buzzer = device.output(Output.BUZZER)
    assert (buzzer.is_on, buzzer.why) == (False, "Silenced until the next alarm.")
    event = device.alarms.events[-1]
    assert (event.kind, event.by) == ("buzzer_silenced", "somebody")
    assert device.light("alarm") == "flashing", "silence is no acknowledgement"
    with pytest.raises(ConfigError, match="does not sound"):
        device.panel.silence("somebody")


def test_an_acknowledged_alarm_shines_steadily(device: PanelStand) -> None:
    device.alarm()
    for alarm in device.alarms.desk.picture.alarms:
        device.alarms.desk.acknowledge(alarm.id, "somebody", device.alarms.at)
    assert device.light("alarm") == "on"


def test_the_relay_of_a_device_that_has_just_started_says_so(device: PanelStand) -> None:
    assert device.output(Output.ALARM_RELAY).why.startswith("Open: the device has just started")


def test_a_relay_says_who_switched_it(device: PanelStand) -> None:
    assert device.output(Output.RELAY_2).why == "At rest."
    device.notes.of("Modbus").switch(Output.RELAY_2, True)
    assert device.output(Output.RELAY_2).why == "Switched on: Modbus."


def test_switches_are_read_at_the_boot_and_count_from_the_next_one_on(device: PanelStand) -> None:
    device.panel.move_dips(Dips(False, False), "somebody")
    picture = device.panel.look()
    assert (picture.dips, picture.at_boot, picture.mode) == (Dips(False, False), Dips(True, False), Mode.NORMAL)
    event = device.alarms.events[-1]
    assert (event.kind, event.by) == ("dip_moved", "somebody")
    assert event.text == "DIP switches set to 1 off, 2 off; they count from the next cold boot on."
    device.panel.move_dips(Dips(False, False), "somebody")
    assert device.alarms.events[-1] is event, "nothing was moved"
    device.panel = device.boot()
    assert device.panel.look().mode is Mode.CONFIGURATION
    assert device.why("green") == "The device works, in configuration mode."


def test_a_device_with_nothing_but_a_board_has_a_panel_too(device: PanelStand) -> None:
    panel = FrontPanel(device.board, device.clock)
    picture = panel.look(is_asked=False)
    assert picture.lights["green"] == "flashing"
    assert picture.lights["lan_activity"] == "off"
    assert {one.is_on for one in picture.outputs} == {None}
    assert picture.dips_fixed_by == "this device has none"
    with pytest.raises(ConfigError, match="does not sound"):
        panel.silence("somebody")
    with pytest.raises(ConfigError, match="cannot be moved"):
        panel.move_dips(Dips(False, False), "somebody")


def test_a_device_that_restarts_shines_red(device: PanelStand) -> None:
    device.panel.phase = Phase.REBOOTING
    lights = device.panel.look().lights
    assert (lights["red"], lights["green"]) == (Light.ON, Light.OFF)
