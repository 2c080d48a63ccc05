"""Page *Network & Security*: who may read the metrics."""

from pydantic import Field

from webmanager.settings.section import Section


class MetricsSettings(Section):
    """`/metrics`, as Prometheus reads it."""

    open: bool = Field(False, description="Whoever reaches this device may read /metrics without a login.")
