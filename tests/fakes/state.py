"""Kept state in memory."""

import copy


class MemoryStateKeeper:
    """Keeps documents as long as the test runs."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, object]] = {}

    def load(self, name: str) -> dict[str, object] | None:
        return copy.deepcopy(self.documents.get(name))

    def save(self, name: str, document: dict[str, object]) -> None:
        self.documents[name] = copy.deepcopy(document)
