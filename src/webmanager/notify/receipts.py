"""Who of several receivers already has a message, so that a retry goes only to those who have not."""

from collections import OrderedDict
from collections.abc import Sequence

from webmanager.domain.errors import DeliveryError, RefusedError

REMEMBERED = 256


class Receipts:
    """Proofs by message key and receiver; the newest 256 unfinished messages are remembered."""

    def __init__(self) -> None:
        self._proofs: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._refusals: dict[str, dict[str, str]] = {}

    def missing(self, key: str, receivers: Sequence[str]) -> list[str]:
        """Receivers of a message that have neither taken nor refused it."""
        settled = self._proofs.get(key, {}).keys() | self._refusals.get(key, {}).keys()
        return [receiver for receiver in receivers if receiver not in settled]

    def took(self, key: str, receiver: str, proof: str) -> None:
        """Notes that a receiver has a message."""
        self._note(self._proofs, key, receiver, proof)

    def refused(self, key: str, receiver: str, reason: str) -> None:
        """Notes that a receiver will never take a message."""
        self._proofs.setdefault(key, {})
        self._note(self._refusals, key, receiver, reason)

    def settle(self, key: str, receivers: Sequence[str], failures: dict[str, str]) -> str:
        """The proof, if all have it; DeliveryError with `failures`, which can be tried again; RefusedError without.

        One receiver's proof stands alone, several are named; an error says who has it and who has not.
        """
        proofs, refusals = self._proofs.get(key, {}), self._refusals.get(key, {})
        if not failures and not refusals:
            self._forget(key)
            return _listed(proofs, len(receivers))
        text = "; ".join(
            part
            for part in (
                _listed({**refusals, **failures}, len(receivers)),
                f"delivered to {_listed(proofs, len(receivers))}" if proofs else "",
            )
            if part
        )
        if failures:
            raise DeliveryError(text)
        self._forget(key)
        raise RefusedError(text)

    def _note(self, where: "dict[str, dict[str, str]]", key: str, receiver: str, text: str) -> None:
        where.setdefault(key, {})[receiver] = text
        while len(self._proofs) > REMEMBERED:
            self._forget(next(iter(self._proofs)))

    def _forget(self, key: str) -> None:
        self._proofs.pop(key, None)
        self._refusals.pop(key, None)


def _listed(texts: dict[str, str], receivers: int) -> str:
    if receivers == 1:
        return next(iter(texts.values()), "")
    return "; ".join(f"{receiver}: {text}" for receiver, text in texts.items())
