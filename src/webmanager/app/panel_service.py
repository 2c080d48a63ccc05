"""The front panel of the running device: what the switches chose at the boot, and who switches which output."""

from collections.abc import Callable
from dataclasses import replace

from webmanager.app.alarm_service import AlarmService
from webmanager.app.boot_mode import BootMode, boot_mode
from webmanager.app.plan import DevicePlan
from webmanager.domain.panel import Phase
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.front_panel import FrontPanel
from webmanager.engine.notify_ports import OutputBoard
from webmanager.engine.output_notes import NotedOutputs
from webmanager.engine.ports import StateKeeper
from webmanager.language.spoken import marked
from webmanager.outputs.lan import link_state

JOBS, MODBUS = marked("jobs"), marked("Modbus")


class PanelService:
    """One life's switches and outputs; the DIP switches are read when it is built."""

    def __init__(self, plan: DevicePlan, keeper: StateKeeper, clock: Clock) -> None:
        self._dips = plan.dips(keeper)
        self._clock = clock
        self._notes = NotedOutputs(plan.outputs, clock)
        self.boot: BootMode = boot_mode(self._dips.read(), plan.bind, plan.fallback)
        self._panel: FrontPanel | None = None

    def plan(self, plan: DevicePlan) -> DevicePlan:
        """The plan with the address of this mode, and outputs that note what the jobs switch."""
        return replace(plan, bind=self.boot.bind, outputs=self._notes.of(JOBS))

    def for_modbus(self) -> OutputBoard:
        """The outputs as Modbus switches them."""
        return self._notes.of(MODBUS)

    def panel(self, board: Board, alarms: AlarmService) -> FrontPanel:
        """The panel, once there is something to show."""
        self._panel = FrontPanel(
            board,
            self._clock,
            dips=self._dips,
            alarms=alarms.desk,
            general=alarms.messaging.general_alarm,
            outputs=self._notes,
            link=link_state,
        )
        return self._panel

    def restarting(self, restart: Callable[[], None]) -> Callable[[], None]:
        """A restart that the lamps show for as long as somebody can still look at them."""

        def begin() -> None:
            if self._panel is not None:
                self._panel.phase = Phase.REBOOTING
            restart()

        return begin
