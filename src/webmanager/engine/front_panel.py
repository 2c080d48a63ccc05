"""The front panel of the running device: what its lamps, switches and outputs show now, and the two things to press."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Condition, Dips, Lamp, Line, Link, Mode, Phase, lamps
from webmanager.domain.picture import Freshness, Picture, picture_of
from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.board import Board, BusState
from webmanager.engine.clock import Clock
from webmanager.engine.dips import DipSwitches, FixedDips
from webmanager.engine.general_alarm import GeneralAlarm
from webmanager.engine.notify_ports import Output
from webmanager.engine.output_notes import NotedOutputs, Switching
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import marked, ngettext

OUTPUTS: Mapping[Output, str] = {
    Output.ALARM_RELAY: marked("Alarm relay"),
    Output.RELAY_1: marked("Relay 1"),
    Output.RELAY_2: marked("Relay 2"),
    Output.RELAY_3: marked("Relay 3"),
    Output.RELAY_4: marked("Relay 4"),
    Output.BUZZER: marked("Buzzer"),
}
"""Every output in the order of the page."""


@dataclass(frozen=True, slots=True)
class OutputState:
    """One output: `is_on` None where this host has none, why it is so, and its last switching."""

    output: Output
    is_on: bool | None
    why: str
    last: Switching | None = None


@dataclass(frozen=True, slots=True)
class PanelPicture:
    """All that one sees standing before the device; `dips` are the switches now, `at_boot` those that count."""

    phase: Phase
    mode: Mode
    lamps: tuple[Lamp, ...]
    outputs: tuple[OutputState, ...]
    dips: Dips
    at_boot: Dips
    dips_fixed_by: str
    can_silence: bool

    @property
    def lights(self) -> dict[str, str]:
        """What each lamp does, by its key."""
        return {lamp.key: lamp.light.value for lamp in self.lamps}


class FrontPanel:
    """Built once a boot: the switches are read here. `com1`, `com2` and `link` tell what hangs there, if they can.

    `general` and `outputs` are None in a device that switches nothing, `alarms` in one that judges nothing.
    """

    def __init__(
        self,
        board: Board,
        clock: Clock,
        *,
        dips: DipSwitches | None = None,
        alarms: AlarmDesk | None = None,
        general: GeneralAlarm | None = None,
        outputs: NotedOutputs | None = None,
        com1: Callable[[], Line] = Line,
        com2: Callable[[], Line] = Line,
        link: Callable[[], Link] = Link,
    ) -> None:
        self._board = board
        self._clock = clock
        self._dips = dips or FixedDips(Dips(), marked("this device has none"))
        self._alarms = alarms
        self._general = general
        self._outputs = outputs
        self._com1, self._com2, self._link = com1, com2, link
        self.at_boot = self._dips.read()
        self.phase = Phase.RUNNING
        """The lifecycle says here when the device restarts."""

    def look(self, *, is_asked: bool = True) -> PanelPicture:
        """As it is now, in words of the language spoken; whoever looks over the network makes the LAN lamp flicker."""
        return PanelPicture(
            phase=self.phase,
            mode=self.at_boot.mode,
            lamps=lamps(self._condition(is_asked)),
            outputs=tuple(self._output(output) for output in OUTPUTS),
            dips=self._dips.read(),
            at_boot=self.at_boot,
            dips_fixed_by=self._dips.fixed_by,
            can_silence=self._general is not None and self._general.is_sounding,
        )

    def silence(self, by: str) -> None:
        """Stops the buzzer until the next alarm, and says so in the log; ConfigError if nothing sounds."""
        if self._general is None or not self._general.silence():
            raise ConfigError("the buzzer does not sound")
        self._note("buzzer_silenced", "The buzzer was silenced; the next alarm sounds again.", by)

    def move_dips(self, dips: Dips, by: str) -> None:
        """Sets the switches for the next cold boot, and says so in the log; ConfigError where they are real."""
        if dips == self._dips.read():
            return
        self._dips.move(dips)
        words = ", ".join(f"{number} {'on' if is_on else 'off'}" for number, is_on in ((1, dips.one), (2, dips.two)))
        self._note("dip_moved", f"DIP switches set to {words}; they count from the next cold boot on.", by)

    def note_restart(self, by: str) -> None:
        """Says in the log that somebody asked for a restart."""
        self._note("restart", "The device was told to restart.", by)

    def _note(self, kind: str, text: str, by: str) -> None:
        if self._alarms is not None:
            self._alarms.happened(kind, text, self._clock.now(), by)

    def _condition(self, is_asked: bool) -> Condition:
        picture = picture_of(self._board, self._clock.monotonic(), self._clock.now(), self._clock.factor)
        raised = self._alarms.picture if self._alarms else None
        store = (
            next((alarm.found.text for alarm in raised.alarms if alarm.kind == "store_failed"), "") if raised else ""
        )
        runs = self._board.bus.state is BusState.RUNNING
        return Condition(
            phase=self.phase,
            mode=self.at_boot.mode,
            alarms=len(raised.alarms) if raised else 0,
            unacknowledged=raised.unacknowledged if raised else 0,
            bus_trouble="" if runs else _(self._board.bus.text),
            store_trouble=store,
            com1=self._com1(),
            com2=self._com2(),
            com3=self._bus_line(picture),
            link=self._link(),
            is_asked=is_asked,
        )

    def _bus_line(self, picture: Picture) -> Line:
        state = self._board.bus.state
        if state is not BusState.RUNNING:
            return Line(True, state is BusState.STARTING, state is BusState.REFUSED, _(self._board.bus.text))
        snapshot = picture.snapshot
        if snapshot is None:
            return Line(True, True, True, _("The first scan is not complete."))
        if picture.freshness is Freshness.EXPIRED:
            return Line(True, False, False, _("The scans have stopped."))
        count, modules = snapshot.answered, picture.installation.modules
        said = ngettext("{count} of {modules} battery answers.", "{count} of {modules} batteries answer.", modules)
        return Line(True, True, count > 0, said.format(count=count, modules=modules))

    def _output(self, output: Output) -> OutputState:
        is_on = self._outputs.states().get(output) if self._outputs else None
        if self._outputs is None or is_on is None:
            return OutputState(output, None, _("This host has no such output."))
        last = self._outputs.last(output)
        if output is Output.ALARM_RELAY:
            return OutputState(output, is_on, self._why_alarm_relay(is_on), last)
        if output is Output.BUZZER:
            return OutputState(output, is_on, self._why_buzzer(is_on), last)
        by = _(last.by) if last and last.by else ""
        if not is_on:
            return OutputState(output, is_on, _("At rest."), last)
        return OutputState(output, is_on, _("Switched on: {by}.").format(by=by) if by else _("Switched on."), last)

    def _why_alarm_relay(self, is_on: bool) -> str:
        if is_on:
            return _("Picked up: no general alarm.")
        if self._general is not None and self._general.is_starting and not self._general.is_active:
            return _("Open: the device has just started and picks it up soon.")
        return _("Open: general alarm, or the device does not run.")

    def _why_buzzer(self, is_on: bool) -> str:
        if is_on:
            return _("Sounds: an alarm waits for somebody.")
        if self._general is not None and self._general.is_silenced:
            return _("Silenced until the next alarm.")
        return _("Silent: no alarm waits for anybody.")
