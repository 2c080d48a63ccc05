from pathlib import Path

import pytest

from webmanager.app.hardware import read_hardware
from webmanager.domain.errors import ConfigError
from webmanager.engine.notify_ports import Output

SAMPLE = Path(__file__).parents[3] / "config" / "hardware.toml"


def test_the_sample_file_is_valid_and_says_what_it_seems_to_say() -> None:
    hardware = read_hardware(SAMPLE)
    assert hardware.com3.port == "/dev/ttyUSB0"
    assert hardware.lan.bind == "127.0.0.1"
    assert hardware.room is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "com3: field required"),
        ("[com3]\nport = 'x'\nbaud = 1200\n", r"\[com3\] baud: input should be 9600, 19200, 38400, 57600 or 115200"),
        ("[com3]\nport = 'x'\n[room]\ncontrol = 'nowhere'\n", r"\[room\] control: unix:PATH or HOST:PORT"),
        ("[com3]\nport = 'x'\n[lan]\nhttp_port = 70000\n", r"\[lan\] http_port"),
    ],
)
def test_a_mistake_names_table_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_hardware(path)


def test_outputs_are_files_by_what_they_switch(tmp_path: Path) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text("[com3]\nport = 'x'\n[outputs]\nrelay2 = '/sys/a'\nbuzzer = '/sys/b'\n")
    assert read_hardware(path).outputs.files() == {Output.RELAY_2: Path("/sys/a"), Output.BUZZER: Path("/sys/b")}
    assert read_hardware(SAMPLE).outputs.files() == {}
