"""A device with real kept state that is made to be killed: prints each event as a line of JSON, then `ready`."""

import json
import sys
from pathlib import Path

from fakes.alarm_bench import AlarmBench
from webmanager.domain.alarm_document import event_document
from webmanager.settings.state import FileStateKeeper


def main(directory: str) -> None:
    """Raises battery 3, raises and acknowledges 20, lets 9 be pending, then scans until it is killed."""
    bench = AlarmBench(keeper=FileStateKeeper(Path(directory)))
    bench.scan(10)
    for address in (3, 20):
        bench.volts[address - 1] = 12.8
        bench.scan_for(64)
    bench.desk.acknowledge(2, "kern", bench.at)
    bench.volts[8] = 12.8
    bench.scan_for(40)
    for event in bench.events:
        print(json.dumps(event_document(event)), flush=True)
    print("ready", bench.now_s, flush=True)
    while True:
        sys.stdin.readline()
        bench.scan(1)


if __name__ == "__main__":
    main(sys.argv[1])
