"""Every metric of `/metrics`: its name is public and never changes silently. Units are base units, as Prometheus wants.

`Published` rows come from the catalogue of published values, the others are counted by parts of the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PREFIX = "webmanager_"
BATTERY = ("address", "string", "name")


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A counter is published with `_total` behind its name."""

    name: str
    help: str
    is_counter: bool = False
    labels: tuple[str, ...] = ()

    @property
    def public(self) -> str:
        """As it stands in `/metrics` and in queries."""
        return f"{PREFIX}{self.name}{'_total' if self.is_counter else ''}"


@dataclass(frozen=True, slots=True)
class Published(Metric):
    """A metric that is a published value times `factor`."""

    point: str = ""
    factor: float = 1.0


def _battery(name: str, point: str, text: str, factor: float = 1.0, *, is_counter: bool = False) -> Published:
    return Published(f"battery_{name}", text, is_counter, BATTERY, point=f"module.{point}", factor=factor)


def _string(name: str, point: str, text: str) -> Published:
    return Published(f"string_{name}", text, False, ("string",), point=f"string.{point}")


def _device(name: str, point: str, text: str) -> Published:
    return Published(name, text, point=point)


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, text, True, labels)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, text, False, labels)


PUBLISHED = (
    _battery("voltage_volts", "voltage", "Voltage of the battery."),
    _battery("deviation_ratio", "deviation", "Deviation from the mean voltage of its string.", 0.01),
    _battery("temperature_celsius", "temperature", "Temperature of the battery."),
    _battery("resistance_ohms", "internal_resistance", "Internal resistance at the last measurement.", 0.001),
    _battery("resistance_time_seconds", "internal_resistance_at", "When it was measured, since 1970."),
    _battery("equalizing_ratio", "equalizing", "Share of the full current that is led past the battery.", 0.01),
    _battery("reference_volts", "reference", "Voltage the battery is led to."),
    _battery("excluded", "excluded", "1 while it is left out of the reference voltage."),
    _battery("quality", "quality", "0 good, 1 stale, 2 silent, 3 implausible."),
    _battery("age_seconds", "age", "Time since its module last answered."),
    _battery("charges", "charges", "Charges counted.", is_counter=True),
    _battery("discharges", "discharges", "Discharges counted.", is_counter=True),
    _string("current_amperes", "current", "Direct current; negative while discharging."),
    _string("ripple_amperes", "ripple", "Alternating current, effective value."),
    _string("voltage_volts", "voltage", "Sum of the voltages of its batteries."),
    _string("average_volts", "average", "Mean voltage of a battery."),
    _string("spread_volts", "spread", "Highest less lowest voltage of a battery."),
    _string("reference_volts", "reference", "Reference voltage of its equalizers."),
    _string("power_watts", "power", "Current times voltage; negative while discharging."),
    _string("batteries_answering", "answering", "Batteries with a good value."),
    _string("batteries", "batteries", "Batteries installed."),
    _string("state", "state", "What it does: the codes are in docs/points.md."),
    _device("batteries", "device.modules", "Batteries installed."),
    _device("batteries_good", "bus.modules_answered", "Batteries with a good value."),
    _device("batteries_stale", "bus.modules_stale", "Batteries that missed the last scan or two."),
    _device("batteries_silent", "bus.modules_silent", "Batteries whose module does not answer."),
    _device("scan_number", "device.snapshot_number", "Number of the newest scan."),
    _device("scan_age_seconds", "device.snapshot_age", "Time since the newest scan."),
    _device("scan_duration_seconds", "device.scan_duration", "First request to last answer of the newest scan."),
    _device("scan_period_seconds", "device.scan_period", "Time from scan to scan."),
    _device("clock_seconds", "device.time", "The device's clock, since 1970."),
    _device("bus_state", "bus.state", "0 starting, 1 running, 2 refused, 3 down."),
    _device("alarms_unacknowledged", "device.unacknowledged_alarms", "Open alarms that wait for an answer."),
)
COUNTED = (
    _gauge("build_info", "1; the version is in the label.", "version"),
    _gauge("uptime_seconds", "Time since the start of the web interface."),
    _gauge("alarms", "Open alarms.", "severity"),
    _gauge("web_sessions", "Browsers that are logged in."),
    _gauge("web_live_streams", "Live streams that are open."),
    _counter("web_live_dropped", "Live streams that were closed because nobody read them."),
    _counter("bus_requests", "Requests sent to the bus."),
    _counter("bus_lost_requests", "Requests nobody began to answer."),
    _counter("bus_refused", "Requests that were refused."),
    _counter("bus_late_answers", "Answers nobody was waiting for any more."),
    _counter("bus_crc_errors", "Frames that were damaged."),
    _counter("bus_noise_bytes", "Bytes that belonged to no frame."),
    _counter("bus_received_bytes", "Bytes received."),
    _counter("bus_sent_bytes", "Bytes sent."),
    _counter("bus_reopenings", "How often the serial port had to be opened again."),
    _counter("battery_answers", "Answers of the module.", *BATTERY),
    _counter("battery_timeouts", "Requests the module did not answer.", *BATTERY),
    _counter("battery_crc_errors", "Damaged answers of the module.", *BATTERY),
    _counter("battery_retries", "Requests that were repeated.", *BATTERY),
    _gauge("store_ok", "1 while everything is stored, else 0."),
    _gauge("store_bytes", "Size of the flash."),
    _gauge("store_free_bytes", "Free space of the flash."),
    _gauge("store_erases_most", "Erases of the most worn sector."),
    _gauge("store_retired_sectors", "Sectors that are no longer used."),
    _gauge("store_unreadable", "Parts that cannot be read."),
    _counter("store_rows", "Minutes recorded."),
    _counter("store_rows_dropped", "Minutes lost."),
    _counter("store_events_dropped", "Events lost."),
    _counter("store_write_errors", "Failed writes."),
    _counter("modbus_requests", "Requests answered."),
    _counter("modbus_exceptions", "Requests answered by an exception.", "code"),
    _gauge("modbus_connections", "Connections that are open.", "way"),
    _counter("modbus_connections_accepted", "Connections accepted.", "way"),
    _counter("modbus_connections_refused", "Connections refused, not on the access list.", "way"),
    _counter("snmp_refused", "SNMP requests refused by the access list or a view."),
    _counter("snmp_images", "How often the SNMP table was made anew."),
    _gauge("deliveries_waiting", "Messages that wait.", "target", "type"),
    _gauge("deliveries_failing", "1 while the receiver cannot be reached.", "target", "type"),
    _counter("deliveries_delivered", "Messages delivered.", "target", "type"),
    _counter("deliveries_failed", "Messages that failed.", "target", "type"),
    _counter("deliveries_dropped", "Messages dropped from a full queue.", "target", "type"),
    _counter("deliveries_retries", "Tries that had to be repeated.", "target", "type"),
)
METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in (*PUBLISHED, *COUNTED)})
"""Every metric by its name without prefix."""
