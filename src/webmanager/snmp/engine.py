"""The SNMP engine of this device: its id outlives restarts, and its boots are counted (RFC 3414, 2.2)."""

import logging
import secrets
import warnings
from dataclasses import dataclass

from pysnmp.entity.engine import SnmpEngine

from webmanager.domain.errors import StoreError
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

DOCUMENT = "snmp"
ENTERPRISE = 32473
"""The number that RFC 5612 reserves for examples: we have none of our own."""
MOST_BOOTS = 2**31 - 2


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Who this engine is, and how often it has started."""

    engine_id: bytes
    boots: int

    @property
    def text(self) -> str:
        """As it stands on the page and in a manager's configuration: 0x and hex digits."""
        return f"0x{self.engine_id.hex()}"


def engine_identity(keeper: StateKeeper | None) -> EngineIdentity:
    """The kept identity, started once more; a new one if there is none or it cannot be read."""
    before = _kept(keeper) or EngineIdentity(new_engine_id(), 0)
    identity = EngineIdentity(before.engine_id, min(before.boots + 1, MOST_BOOTS))
    if keeper:
        try:  # before the first message: with a number used before, a manager would take old messages for new ones
            keeper.save_now(DOCUMENT, {"engine_id": identity.engine_id.hex(), "boots": identity.boots})
        except StoreError as error:
            log.error("%s; SNMP managers may refuse this engine after the next start", error)
    return identity


def new_engine_id() -> bytes:
    """RFC 3411, SnmpEngineID: enterprise with the first bit set, format 5 (octets), eight random ones."""
    return (ENTERPRISE | 0x80000000).to_bytes(4, "big") + b"\x05" + secrets.token_bytes(8)


def make_engine(identity: EngineIdentity) -> SnmpEngine:
    """An engine with this identity. The library's own way would keep the boots in a file that anybody can foresee."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        engine = SnmpEngine()
    builder = engine.get_mib_builder()
    engine_id, boots = builder.import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots")
    engine_id.syntax = engine_id.syntax.clone(identity.engine_id)
    boots.syntax = boots.syntax.clone(identity.boots)
    engine.snmpEngineID = engine_id.syntax
    return engine


def _kept(keeper: StateKeeper | None) -> EngineIdentity | None:
    kept = keeper.load(DOCUMENT) if keeper else None
    if kept is None:
        return None
    try:
        identity = EngineIdentity(bytes.fromhex(str(kept["engine_id"])), int(str(kept["boots"])))
        if not 5 <= len(identity.engine_id) <= 32:
            raise ValueError("5 to 32 bytes are expected")
    except (KeyError, ValueError) as error:
        log.warning("The SNMP engine id cannot be read and is made anew: %s", error)
        return None
    return identity
