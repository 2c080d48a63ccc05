"""What the public MIB lets a manager set: each object as a change of the settings, like one made on a page."""

from collections.abc import Callable, Mapping

from webmanager.settings.desk import SettingsDesk
from webmanager.settings.section import with_secrets
from webmanager.snmp.agent import Setter
from webmanager.snmp.asn1 import Oid, oid_of

BACS = "1.3.6.1.2.1.33.5.1"
BY = "SNMP"
_LIMITS: Mapping[str, tuple[str, float]] = {
    f"{BACS}.8.0": ("ri_low", 0.01),
    f"{BACS}.9.0": ("ri_high", 0.01),
    f"{BACS}.10.0": ("temperature_low", 0.1),
    f"{BACS}.11.0": ("temperature_high", 0.1),
}
"""bacsImpcLowAlarm, bacsImpcHighAlarm (0.01 mOhm), bacsTemperatureLowAlarm, bacsTemperatureHighAlarm (0.1 degC)."""
_RI_INTERVAL = f"{BACS}.7.0"
"""bacsImpcPollRate, min."""


def setters(desk: SettingsDesk, now: Callable[[], float]) -> Mapping[Oid, Setter]:
    """One for each object that may be set; they apply, as *Apply* does, and raise ConfigError for what cannot be."""

    def interval(value: int | bytes) -> None:
        desk.apply("scan", {"ri_interval_h": int(value) / 60.0}, BY, now())

    def limit(kind: str, unit: float) -> Setter:
        def change(value: int | bytes) -> None:
            kinds = with_secrets(desk.applied.limits)["kinds"]
            kinds[kind] = {**kinds.get(kind, {}), "alarm": round(int(value) * unit, 6)}
            desk.apply("limits", {"kinds": kinds}, BY, now())

        return change

    limits = {oid_of(oid): limit(kind, unit) for oid, (kind, unit) in _LIMITS.items()}
    return {oid_of(_RI_INTERVAL): interval, **limits}
