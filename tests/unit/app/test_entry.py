"""The entry point: whoever presses Ctrl-C while the program is still being loaded gets a clean end."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

SLOW = """
import os, signal, sys, threading, types
from webmanager.app import entry

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "webmanager.app.cli":
            os.kill(os.getpid(), int(sys.argv[1]))
            print("still there", flush=True)

sys.meta_path.insert(0, Slow())
entry.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_loading_is_a_clean_end(number: signal.Signals) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SLOW), str(int(number)), "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
