"""Kept state in memory."""

import copy
import json


class MemoryStateKeeper:
    """Keeps documents as long as the test runs; what comes back has been JSON, as with the real one."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, object]] = {}

    def load(self, name: str) -> dict[str, object] | None:
        return copy.deepcopy(self.documents.get(name))

    def save(self, name: str, document: dict[str, object]) -> None:
        self.documents[name] = json.loads(json.dumps(document))

    def save_now(self, name: str, document: dict[str, object]) -> None:
        self.save(name, document)
