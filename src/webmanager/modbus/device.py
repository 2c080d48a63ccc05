"""The device behind a unit id: says which requests are its own, answers and counts them; on every kind of line."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from webmanager.domain.errors import ConfigError, DeliveryError
from webmanager.modbus.coils import Coils
from webmanager.modbus.image import ImageSource
from webmanager.modbus.pdu import EXCEPTION, ExceptionCode, answer, refusal

log = logging.getLogger(__name__)

SINGLE_DEVICE_UNITS = (0, 255)
"""Unit ids that TCP clients of a single device send."""
BROADCAST = 0
"""Address of everybody on a serial line."""


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """Requests since the start; `exceptions` counts exception answers by their code."""

    requests: int
    exceptions: Mapping[int, int]


class ModbusDevice:
    """Answers from the image it is given; a failing image is exception 4, never a dead connection."""

    def __init__(self, image: ImageSource, unit: int = 1, coils: Coils | None = None) -> None:
        if not 1 <= unit <= 247:
            raise ConfigError(f"modbus unit id {unit}: 1 to 247 are possible")
        self._image = image
        self._coils = coils
        self._unit = unit
        self._own = frozenset({unit, *SINGLE_DEVICE_UNITS})
        self._requests = 0
        self._exceptions: Counter[int] = Counter()
        self._is_failing = False

    @property
    def counts(self) -> RequestCounts:
        """What was asked so far."""
        return RequestCounts(self._requests, dict(self._exceptions))

    def answer_tcp(self, unit: int, request: bytes) -> bytes:
        """The answer PDU to a request PDU from TCP; exception 11 for a unit that is not this device."""
        if unit in self._own:
            return self._counted(self._answer(request))
        return self._counted(refusal(request[0], ExceptionCode.GATEWAY_TARGET_FAILED))

    def answer_serial(self, unit: int, request: bytes) -> bytes | None:
        """The answer PDU to a request PDU from a serial line; None for another unit, and to what is told everybody."""
        if unit not in {self._unit, BROADCAST}:
            return None
        found = self._counted(self._answer(request))
        return None if unit == BROADCAST else found

    def _counted(self, found: bytes) -> bytes:
        self._requests += 1
        if found[0] & EXCEPTION:
            self._exceptions[found[1]] += 1
        return found

    def _answer(self, request: bytes) -> bytes:
        try:
            image = self._image()
        except Exception:
            if not self._is_failing:
                log.exception("The register image cannot be made; Modbus answers exception 4 until it can.")
            self._is_failing = True
            return refusal(request[0], ExceptionCode.DEVICE_FAILURE)
        self._is_failing = False
        try:
            return answer(request, image, self._coils)
        except DeliveryError as error:
            log.warning("Modbus: %s", error)
            return refusal(request[0], ExceptionCode.DEVICE_FAILURE)
