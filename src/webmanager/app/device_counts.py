"""What bus, Modbus and SNMP have counted, under the names of the table of metrics."""

from webmanager.app.modbus_service import ModbusService
from webmanager.bus.counters import BusCounters
from webmanager.domain.installation import Installation
from webmanager.engine.counts import Count

_BUS = {
    "bus_requests": "requests",
    "bus_lost_requests": "lost_requests",
    "bus_refused": "refused",
    "bus_late_answers": "late",
    "bus_crc_errors": "crc_errors",
    "bus_noise_bytes": "noise_bytes",
    "bus_received_bytes": "bytes_in",
    "bus_sent_bytes": "bytes_out",
    "bus_reopenings": "reopenings",
}
_MODULES = {
    "battery_answers": "answered",
    "battery_timeouts": "timeouts",
    "battery_crc_errors": "crc_errors",
    "battery_retries": "retries",
}


def bus_counts(counters: BusCounters, installation: Installation) -> list[Count]:
    """Of the bus as a whole, and of each module."""
    found = [Count(name, float(getattr(counters, attribute))) for name, attribute in _BUS.items()]
    strings = installation.string_of.tolist()
    labels = [
        {"address": str(number), "string": str(strings[number - 1]), "name": name}
        for number, name in enumerate(installation.names, 1)
    ]
    for name, attribute in _MODULES.items():
        values = getattr(counters.modules, attribute).tolist()
        found += [Count(name, float(value), own) for own, value in zip(labels, values, strict=True)]
    return found


def modbus_counts(service: ModbusService) -> list[Count]:
    """Requests, and connections of each way over the network."""
    counts = service.device.counts
    found = [Count("modbus_requests", counts.requests)]
    found += [Count("modbus_exceptions", many, {"code": str(code)}) for code, many in sorted(counts.exceptions.items())]
    for way, connections in service.connections().items():
        labels = {"way": way}
        found.append(Count("modbus_connections", connections.open, labels))
        found.append(Count("modbus_connections_accepted", connections.accepted, labels))
        found.append(Count("modbus_connections_refused", connections.refused, labels))
    return found
