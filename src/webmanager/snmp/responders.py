"""What happens to a request: GET, GETNEXT and GETBULK answered with bytes of our own making.

The library unpacks and protects the messages. For version 1 it also makes the answer, because it must translate it.
"""

from typing import Any

from pyasn1.type.univ import Any as RawBytes
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp
from pysnmp.proto.api import v2c

from webmanager.snmp import ber
from webmanager.snmp.asn1 import Oid, Value

MOST_IN_BULK = 25
"""Objects in one answer to GETBULK: more would hold the loop for longer than the bus can wait."""
RECEIVED = "rfc3412.receiveMessage:request"
VARBINDS = 3
"""Place of the list in a PDU."""

Pairs = list[tuple[Oid, bytes]]


class _Responder:
    """Puts an encoded list of values into the answer; mixed into the library's responders."""

    _encoded: bytes | None = None

    def is_version_1(self, engine: SnmpEngine) -> bool:
        return int(engine.observer.get_execution_context(RECEIVED)["messageProcessingModel"]) == 0

    def controller(self, context_name: Any) -> Any:
        return self.snmpContext.get_mib_instrum(context_name)  # type: ignore[attr-defined]

    def reply(self, engine: SnmpEngine, reference: Any, pairs: Pairs) -> None:
        self._encoded = ber.varbinds(pairs)
        try:
            self.send_varbinds(engine, reference, 0, 0, [])  # type: ignore[attr-defined]
        finally:
            self._encoded = None
        self.release_state_information(reference)  # type: ignore[attr-defined]

    def send_pdu(self, engine: SnmpEngine, reference: Any, pdu: Any) -> None:
        if self._encoded is not None:
            raw = RawBytes(self._encoded)
            pdu.setComponentByPosition(VARBINDS, raw, verifyConstraints=False, matchTags=False, matchConstraints=False)
        super().send_pdu(engine, reference, pdu)  # type: ignore[misc]


class GetResponder(_Responder, cmdrsp.GetCommandResponder):  # type: ignore[misc]
    """GET."""

    def handle_management_operation(self, engine: SnmpEngine, reference: Any, context_name: Any, pdu: Any) -> None:
        """Each value, or noSuchInstance."""
        if self.is_version_1(engine):
            super().handle_management_operation(engine, reference, context_name, pdu)
            return
        controller = self.controller(context_name)
        controller.right()
        oids = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(pdu)]
        self.reply(
            engine, reference, [(oid, _encoded(controller.image.get(oid), ber.NO_SUCH_INSTANCE)) for oid in oids]
        )


class NextResponder(_Responder, cmdrsp.NextCommandResponder):  # type: ignore[misc]
    """GETNEXT."""

    def handle_management_operation(self, engine: SnmpEngine, reference: Any, context_name: Any, pdu: Any) -> None:
        """The instance behind each OID, or endOfMibView."""
        if self.is_version_1(engine):
            super().handle_management_operation(engine, reference, context_name, pdu)
            return
        controller = self.controller(context_name)
        controller.right()
        oids = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(pdu)]
        self.reply(engine, reference, _behind(controller, oids))


class BulkResponder(_Responder, cmdrsp.BulkCommandResponder):  # type: ignore[misc]
    """GETBULK, capped, and without repeating the end of the table."""

    def handle_management_operation(self, engine: SnmpEngine, reference: Any, context_name: Any, pdu: Any) -> None:
        """RFC 3416, 4.2.3."""
        controller = self.controller(context_name)
        controller.right()
        oids = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(pdu)]
        single = min(max(int(v2c.apiBulkPDU.get_non_repeaters(pdu)), 0), len(oids))
        rounds = max(int(v2c.apiBulkPDU.get_max_repetitions(pdu)), 0)
        pairs = _behind(controller, oids[:single])
        row = oids[single:]
        if row and rounds:
            for _ in range(max(1, min(rounds, MOST_IN_BULK // len(row)))):
                found = _behind(controller, row)
                pairs += found
                if all(encoded is ber.END_OF_MIB_VIEW for _, encoded in found):
                    break
                row = [oid for oid, _ in found]
        self.reply(engine, reference, pairs)


def _behind(controller: Any, oids: list[Oid]) -> Pairs:
    found = (controller.image.next_after(oid) for oid in oids)
    return [(oid, _encoded(value, ber.END_OF_MIB_VIEW)) for oid, value in found]


def _encoded(value: Value | None, otherwise: bytes) -> bytes:
    return otherwise if value is None else ber.value(value)
