"""What all tests share: the rule for tools that a machine may lack."""

import os
import shutil

import pytest

HINT = "`make test-tools` installs it"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `tool(name)` is skipped without that program, or fails where REQUIRE_TOOLS=1."""
    for marker in item.iter_markers("tool"):
        for name in marker.args:
            if shutil.which(name) is None:
                reason = f"{name} is not on this machine: {HINT}"
                if os.environ.get("REQUIRE_TOOLS") == "1":
                    pytest.fail(reason)
                pytest.skip(reason)
