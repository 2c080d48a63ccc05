import pytest

from webmanager.domain.errors import ConfigError
from webmanager.modbus.server import TcpOptions
from webmanager.settings.file import validate
from webmanager.settings.modbus_model import ModbusSettings
from webmanager.settings.model import Settings


def test_the_defaults_are_those_of_the_server() -> None:
    settings, options = ModbusSettings(), TcpOptions()
    assert (settings.most_connections, settings.idle_s) == (options.most_connections, options.idle_s)
    assert settings.enabled
    assert settings.unit == 1
    assert settings.clients == ()
    assert not settings.writes


@pytest.mark.parametrize(
    ("key", "value"),
    [("unit", 0), ("unit", 248), ("most_connections", 0), ("idle_s", 0), ("clients", ["10.0.0.0/8"] * 65), ("port", 1)],
)
def test_what_cannot_be_is_said_with_table_and_key(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"settings\.toml: \[modbus\] {key}"):
        validate({"modbus": {key: value}}, Settings, "settings.toml")


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in ModbusSettings.model_fields.values())
