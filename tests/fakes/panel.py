"""A device whose front panel can be looked at: real parts on one clock, without a wire."""

from fakes.alarm_bench import AlarmBench
from fakes.board import running_board
from fakes.state import MemoryStateKeeper
from webmanager.domain.events import Severity
from webmanager.domain.jobs import EventFilter
from webmanager.domain.panel import Line, Link
from webmanager.engine.clock import ManualClock
from webmanager.engine.dips import EmulatedDips
from webmanager.engine.front_panel import FrontPanel, OutputState
from webmanager.engine.general_alarm import GeneralAlarm
from webmanager.engine.notify_ports import Output
from webmanager.engine.output_notes import NotedOutputs
from webmanager.outputs.board import SimulatedOutputs


class PanelStand:
    """Board, alarm desk, general alarm, outputs and switches of one device; `alarm` makes one battery low."""

    def __init__(self) -> None:
        self.keeper = MemoryStateKeeper()
        self.board, self.batteries = running_board()
        self.clock = ManualClock()
        self.notes = NotedOutputs(SimulatedOutputs(), self.clock)
        self.general = GeneralAlarm(EventFilter(severity=Severity.ALARM), self.notes.of("general alarm"), self.clock)
        self.alarms = AlarmBench(256, 8)
        self.alarms.desk._sink = self._heard
        self.panel = self.boot()
        self.publish()

    def boot(self) -> FrontPanel:
        return FrontPanel(
            self.board,
            self.clock,
            dips=EmulatedDips(self.keeper),
            alarms=self.alarms.desk,
            general=self.general,
            outputs=self.notes,
            com2=lambda: Line(True, True, True, "SENSORMANAGER answers."),
            link=lambda: Link(True, "eth0"),
        )

    def _heard(self, event: object) -> None:
        self.alarms.events.append(event)  # type: ignore[arg-type]
        self.general.on_event(event)  # type: ignore[arg-type]

    def publish(self) -> None:
        self.clock.advance(2.0)
        self.board.publish(self.batteries.snapshot(self.clock.monotonic(), self.clock.now()))

    def alarm(self) -> None:
        self.alarms.volts[2] = 11.0
        self.alarms.scan_for(70)

    def light(self, key: str) -> str:
        return self.panel.look().lights[key]

    def why(self, key: str) -> str:
        return next(lamp.why for lamp in self.panel.look().lamps if lamp.key == key)

    def output(self, output: Output) -> OutputState:
        return next(one for one in self.panel.look().outputs if one.output is output)
