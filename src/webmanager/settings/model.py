"""The configuration of the device: one pydantic section a page, with ranges, units and a help text for each field."""

from typing import Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.installation import BlockType, Installation
from webmanager.settings.jobs_model import NotifySettings
from webmanager.settings.limits_model import LimitsSettings
from webmanager.settings.links_model import LinksSettings
from webmanager.settings.locale_model import LocaleSettings
from webmanager.settings.metrics_model import MetricsSettings
from webmanager.settings.modbus_model import ModbusSettings
from webmanager.settings.network_model import NetworkSettings
from webmanager.settings.ports_model import AuxSettings, Com2Settings
from webmanager.settings.section import RESTART, Section
from webmanager.settings.security_model import SecuritySettings
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.settings.timeserver_model import TimeserverSettings
from webmanager.settings.update_model import UpdateSettings
from webmanager.settings.ups_model import UpsSettings


class InstallationSettings(Section):
    """Page *BACS Settings*: what hangs on the bus."""

    name: str = Field("Battery room", max_length=60, description="Name of this device, shown on every page.")
    location: str = Field("", max_length=60, description="Where it stands: building, floor, room.")
    modules: int = Field(
        256,
        ge=1,
        le=256,
        description="Battery modules on the bus, addresses 1 to this number.",
        json_schema_extra=RESTART,
    )
    strings: int = Field(
        8, ge=1, le=10, description="Strings; the modules are divided evenly over them.", json_schema_extra=RESTART
    )
    block_voltage_v: Literal[2, 4, 6, 12] = Field(
        12, description="Nominal voltage of one block.", json_schema_extra=RESTART
    )
    capacity_ah: float = Field(
        100.0, ge=7, le=5000, description="C10 capacity of one block.", json_schema_extra=RESTART
    )
    technology: Literal["AGM", "GEL", "OPzV"] = Field(
        "AGM", description="Technology of the blocks.", json_schema_extra=RESTART
    )

    @field_validator("strings")
    @classmethod
    def _divides_the_modules(cls, strings: int, told: ValidationInfo) -> int:
        modules = told.data.get("modules", 0)
        if modules % strings:
            raise ValueError(f"{modules} modules cannot be divided evenly over {strings} strings")
        return strings

    def to_domain(self) -> Installation:
        """As the domain knows it; ConfigError if the modules do not divide over the strings."""
        block = BlockType(self.block_voltage_v, self.capacity_ah, self.technology)
        return Installation(self.modules, self.strings, block, self.name, self.location)


class EqualizingSettings(Section):
    """Page *BACS Settings*: the reference voltage."""

    enabled: bool = Field(
        True, title="Equalizing", description="Send reference voltages, so that strong batteries bypass charge current."
    )
    guard_percent: float = Field(
        8.0, ge=2, le=15, title="Guard distance", description="A battery farther off its string's median is left out."
    )
    lowest_v_cell: float = Field(
        2.20, ge=2.10, le=2.30, title="Lowest reference", description="Lowest reference per cell at 25 °C."
    )
    hottest_c: float = Field(
        45.0, ge=30, le=60, title="Hottest string", description="No equalizing in a string warmer than this."
    )

    def to_domain(self) -> EqualizingRules:
        """As the domain knows it."""
        return EqualizingRules(
            enabled=self.enabled,
            guard=self.guard_percent / 100.0,
            lowest_v=self.lowest_v_cell,
            hottest_c=self.hottest_c,
        )


class ScanSettings(Section):
    """Page *BACS Settings*: how often is measured."""

    model_config = ConfigDict(title="Scan and internal resistance")

    period_s: float = Field(
        2.0, ge=0.5, le=60, title="Scan period", description="A scan of all modules starts this often."
    )
    ri_interval_h: float = Field(
        12.0, ge=1, le=720, description="Every module measures its internal resistance so often."
    )
    retry_budget_ms: int = Field(
        80,
        ge=0,
        le=200,
        description="Time in one scan for modules that did not answer at once.",
        json_schema_extra=RESTART,
    )


class WebSettings(Section):
    """Page *Network & Security*: who may reach the web interface by which name."""

    model_config = ConfigDict(title="Names of the device")

    host_names: tuple[str, ...] = Field(
        (),
        max_length=32,
        description="Names under which browsers reach this device, beside its addresses.",
        json_schema_extra=RESTART,
    )


class Settings(Section):
    """All of it, as it stands in `settings.toml`."""

    installation: InstallationSettings = InstallationSettings()
    equalizing: EqualizingSettings = EqualizingSettings()
    scan: ScanSettings = ScanSettings()
    web: WebSettings = WebSettings()
    security: SecuritySettings = SecuritySettings()
    update: UpdateSettings = UpdateSettings()
    modbus: ModbusSettings = Field(ModbusSettings(), json_schema_extra=RESTART)
    snmp: SnmpSettings = SnmpSettings()
    limits: LimitsSettings = LimitsSettings()
    notify: NotifySettings = NotifySettings()
    timeserver: TimeserverSettings = TimeserverSettings()
    network: NetworkSettings = NetworkSettings()
    ups: UpsSettings = UpsSettings()
    com2: Com2Settings = Com2Settings()
    aux: AuxSettings = AuxSettings()
    links: LinksSettings = LinksSettings()
    locale: LocaleSettings = LocaleSettings()
    metrics: MetricsSettings = MetricsSettings()
