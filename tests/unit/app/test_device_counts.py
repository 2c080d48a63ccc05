"""What the parts count arrives under the names of the table of metrics, each with its labels."""

import numpy as np

from webmanager.app.device_counts import bus_counts, modbus_counts
from webmanager.app.modbus_service import ModbusService
from webmanager.bus.counters import AnswerTally, BusCounters
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.counts import Count
from webmanager.modbus.device import ModbusDevice
from webmanager.settings.modbus_model import ModbusSettings
from webmanager.web.metrics.table import METRICS

INSTALLATION = Installation(4, 2, BlockType())


class Image:
    """Registers nobody reads."""

    def current(self) -> bytes:
        raise RuntimeError("nobody reads it")


def by_name(counts: list[Count]) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {}
    for count in counts:
        assert set(count.labels) == set(METRICS[count.name].labels), count
        found.setdefault(count.name, []).append(count)
    return found


def counters() -> BusCounters:
    modules = AnswerTally(4)
    modules.timeout(3)
    modules.timeout(3)
    modules.crc_error(1)
    return BusCounters(modules.freeze(), AnswerTally(2).freeze(), 10, 2, 0, 1, 5, 7, 1000, 500, 1, 0.01)


def test_the_bus_is_counted_as_a_whole_and_by_module() -> None:
    found = by_name(bus_counts(counters(), INSTALLATION))
    assert found["bus_requests"] == [Count("bus_requests", 10.0)]
    assert found["bus_received_bytes"] == [Count("bus_received_bytes", 1000.0)]
    timeouts = found["battery_timeouts"]
    assert [count.value for count in timeouts] == [0.0, 0.0, 2.0, 0.0]
    assert timeouts[2].labels == {"address": "3", "string": "2", "name": "S2-1"}
    assert np.sum([count.value for count in found["battery_crc_errors"]]) == 1.0


def test_modbus_is_counted_by_exception_and_by_way() -> None:
    device = ModbusDevice(Image())  # type: ignore[arg-type]
    service = ModbusService(ModbusSettings(), device)
    device.answer_tcp(99, b"\x03\x00\x00\x00\x01")
    found = by_name(modbus_counts(service))
    assert found["modbus_requests"] == [Count("modbus_requests", 1.0)]
    assert found["modbus_exceptions"] == [Count("modbus_exceptions", 1.0, {"code": "11"})]
    assert "modbus_connections" not in found


async def test_connections_are_counted_while_it_listens() -> None:
    service = ModbusService(ModbusSettings(), ModbusDevice(Image()))  # type: ignore[arg-type]
    await service.open("127.0.0.1", 0)
    try:
        found = by_name(modbus_counts(service))
    finally:
        await service.close()
    assert found["modbus_connections"] == [Count("modbus_connections", 0.0, {"way": "tcp"})]
