"""A save of the settings, killed: the old or the new configuration is there, never half of one."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from webmanager.settings.desk import SettingsDesk

SAVER = Path(__file__).parents[1] / "fakes" / "kill_save.py"
ENDLESS = """
import itertools, sys
from pathlib import Path
from webmanager.settings.desk import SettingsDesk
desk = SettingsDesk.open(Path(sys.argv[1]))
for number in itertools.count():
    desk.apply("installation", {"name": f"room {number}", "location": f"{number}" * 20}, "admin", 1.0)
    desk.save("admin", 1.0)
    print(number, flush=True)
"""


def test_a_save_killed_at_each_of_its_steps_leaves_the_old_or_the_new_configuration(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, SAVER, tmp_path, "new"], capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    steps = [line.split("\t") for line in told.stdout.splitlines()][1:]
    assert len(steps) >= 20, "a save opens, writes, syncs and renames two files"
    assert {trouble for _, _, trouble in steps} == {"-"}
    names = [name for _, name, _ in steps]
    assert set(names) == {"old", "new"}
    assert names == sorted(names, reverse=True), "once the new one is there, it stays"


def test_saves_killed_at_any_moment_leave_a_whole_configuration(tmp_path: Path) -> None:
    draw = random.Random(6)
    for _ in range(6):
        saver = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert saver.stdout is not None
        for _ in range(draw.randint(1, 40)):
            acknowledged = int(saver.stdout.readline())
        with contextlib.suppress(ProcessLookupError):
            os.kill(saver.pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *map(int, saver.stdout.read().split())])
        saver.wait(10)
        found = SettingsDesk.open(tmp_path)
        assert found.trouble == ""
        installation = found.applied.installation
        number = int(installation.name.removeprefix("room "))
        assert number in {acknowledged, acknowledged + 1}
        assert installation.location == str(number) * 20


def test_what_a_killed_save_left_is_swept_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".settings.toml.77.new").write_text("half")
    desk = SettingsDesk.open(tmp_path)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    desk.save("admin", 1.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["settings.last-good.toml", "settings.toml"]
