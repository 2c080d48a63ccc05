"""What all tests share: the order of the run, and the rule for tools that a machine may lack."""

import os
import shutil

import pytest

LONGEST_FIRST = (
    "tests/e2e/web/test_axe",
    "tests/e2e/",
    "tests/interop/",
    "tests/proof/",
    "tests/property/",
    "tests/security/",
)
"""Whoever begins a long file last keeps everybody waiting; no test depends on this order."""
HINT = "`make test-tools` installs it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first."""
    items.sort(key=lambda item: next((at for at, name in enumerate(LONGEST_FIRST) if name in item.nodeid), 99))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `tool(name)` is skipped without that program, or fails where REQUIRE_TOOLS=1."""
    for marker in item.iter_markers("tool"):
        for name in marker.args:
            if shutil.which(name) is None:
                reason = f"{name} is not on this machine: {HINT}"
                if os.environ.get("REQUIRE_TOOLS") == "1":
                    pytest.fail(reason)
                pytest.skip(reason)
