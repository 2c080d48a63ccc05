from pathlib import Path
from typing import get_args

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.app.hardware import DipSection, ModbusPort, read_hardware
from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.engine.notify_ports import Output
from webmanager.modbus.serial_frames import ASCII_FORMATS, BAUD_RATES, RTU_FORMATS

SAMPLE = Path(__file__).parents[3] / "config" / "hardware.toml"


def test_the_sample_file_is_valid_and_says_what_it_seems_to_say() -> None:
    hardware = read_hardware(SAMPLE)
    assert hardware.com3.port == "/dev/ttyUSB0"
    assert hardware.lan.bind == "127.0.0.1"
    assert hardware.room is None
    assert hardware.modbus_rtu is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "com3: field required"),
        ("[com3]\nport = 'x'\nbaud = 1200\n", r"\[com3\] baud: input should be 9600, 19200, 38400, 57600 or 115200"),
        ("[com3]\nport = 'x'\n[room]\ncontrol = 'nowhere'\n", r"\[room\] control: unix:PATH or HOST:PORT"),
        ("[com3]\nport = 'x'\n[modbus_rtu]\nport = 'y'\nbaud = 115200\n", r"\[modbus_rtu\] baud: .*1200, 2400, 4800"),
        ("[com3]\nport = 'x'\n[modbus_rtu]\nport = 'y'\nformat = '9N1'\n", r"\[modbus_rtu\] format: .*8E1"),
        ("[com3]\nport = 'x'\n[modbus_rtu]\nbaud = 9600\n", r"\[modbus_rtu\] port"),
        ("[com3]\nport = 'x'\n[lan]\nhttp_port = 70000\n", r"\[lan\] http_port"),
    ],
)
def test_a_mistake_names_table_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_hardware(path)


def test_the_line_of_modbus_is_set_as_recommended_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text("[com3]\nport = 'x'\n[modbus_rtu]\nport = 'y'\n")
    line = read_hardware(path).modbus_rtu
    assert line is not None
    assert (line.port, line.baud, line.format) == ("y", 19_200, "8E1")


def test_every_speed_and_format_of_the_line_can_be_served() -> None:
    kinds = {name: get_args(field.annotation) for name, field in ModbusPort.model_fields.items()}
    assert kinds["baud"] == BAUD_RATES
    assert set(kinds["format"]) == {*RTU_FORMATS, *ASCII_FORMATS}


def test_outputs_are_files_by_what_they_switch(tmp_path: Path) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text("[com3]\nport = 'x'\n[outputs]\nrelay2 = '/sys/a'\nbuzzer = '/sys/b'\n")
    assert read_hardware(path).outputs.files() == {Output.RELAY_2: Path("/sys/a"), Output.BUZZER: Path("/sys/b")}
    assert read_hardware(SAMPLE).outputs.files() == {}


def _dip(tmp_path: Path, text: str) -> DipSection:
    file = tmp_path / "hardware.toml"
    file.write_text(f'[com3]\nport = "/dev/null"\n[dip]\n{text}')
    return read_hardware(file).dip


def test_dip_switches_are_fixed_files_or_emulated(tmp_path: Path) -> None:
    keeper = MemoryStateKeeper()
    fixed = _dip(tmp_path, 'switch1 = "off"\nswitch2 = "off"\n').switches(keeper)
    assert (fixed.read(), fixed.fixed_by) == (Dips(False, False), "the hardware file gives their positions")
    for name, text in (("one", "0"), ("two", "1")):
        (tmp_path / name).write_text(text)
    files = _dip(tmp_path, f'switch1 = "{tmp_path}/one"\nswitch2 = "{tmp_path}/two"\n').switches(keeper)
    assert files.read() == Dips(False, True)
    emulated = _dip(tmp_path, "").switches(keeper)
    emulated.move(Dips(False, False))
    assert _dip(tmp_path, "").switches(keeper).read() == Dips(False, False)


@pytest.mark.parametrize("text", ['switch1 = "on"\n', 'switch1 = "on"\nswitch2 = "/sys/x"\n'])
def test_dip_switches_of_two_kinds_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="both on or off, both a file, or both left out"):
        _dip(tmp_path, text)
