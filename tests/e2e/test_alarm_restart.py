"""`kill -9` while alarms are active, acknowledged and pending: nothing is forgotten, nothing is told twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from fakes.alarm_bench import AlarmBench, told
from webmanager.domain.events import Change
from webmanager.settings.state import FileStateKeeper

TESTS = Path(__file__).parents[1]


def killed_device(directory: Path) -> tuple[list[dict[str, object]], float]:
    """Events a device has told before it was killed, and its time then."""
    source = Path(sys.modules["webmanager"].__path__[0]).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(source), str(TESTS)])}
    command = [sys.executable, str(TESTS / "e2e" / "alarm_process.py"), str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as device:
        assert device.stdin is not None
        assert device.stdout is not None
        events: list[dict[str, object]] = []
        for line in device.stdout:
            if line.startswith("ready"):
                break
            events.append(json.loads(line))
        now_s = float(line.split()[1])
        device.stdin.write("\n" * 3)
        device.stdin.flush()
        device.send_signal(signal.SIGKILL)
        device.wait(timeout=10)
    return events, now_s


def test_a_killed_device_goes_on_where_it_stood(tmp_path: Path) -> None:
    before, now_s = killed_device(tmp_path)
    assert [(event["kind"], event["change"]) for event in before] == [
        ("voltage_low", "raised"),
        ("voltage_low", "raised"),
        ("voltage_low", "acknowledged"),
    ]

    keeper = FileStateKeeper(tmp_path)
    bench = AlarmBench(keeper=keeper)
    bench.now_s = now_s + 15.0
    bench.volts[[2, 8, 19]] = 12.8
    bench.desk = bench.new_desk()
    assert {alarm.source.name: alarm.state for alarm in bench.desk.picture.alarms} == {
        "S1-3": "active",
        "S2-4": "acknowledged",
    }
    assert {event.id for event in bench.desk.unsent()} == {event["id"] for event in before}

    events = bench.scan_for(30)
    assert [(event.source.name, event.change) for event in events] == [("S1-9", Change.RAISED)]
    assert events[0].id == 4
    assert bench.scan_for(300) == []
    bench.volts[:] = 13.62
    assert told(bench.scan_for(70)) == [("voltage_low", Change.CLEARED)] * 3
    keeper.close()
