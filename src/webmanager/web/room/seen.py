"""What the device has noticed of a fault in the simulated room: read from its own board, never from the room."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.reading import Quality
from webmanager.domain.snapshot import Snapshot, StringState
from webmanager.engine.board import Board, BusState
from webmanager.engine.notify_ports import QueueStatus
from webmanager.language.spoken import gettext as _
from webmanager.web.looks.alarm_verdict import LOOK_OF, headline, of_place
from webmanager.web.looks.judge import Look, looks, shown, worst
from webmanager.web.texts import words
from webmanager.web.texts.figures import NBSP, current, fixed
from webmanager.web.texts.wordbook import Words

_WORDS = Words(
    {"good": "good", "stale": "stale", "implausible": "implausible", "silent": "silent", "unknown": "no data"}
)


def seen_by_device(
    board: Board, snapshot: Snapshot | None, fault: Mapping[str, Any], alarms: AlarmPicture | None = None
) -> dict[str, str]:
    """Look and one line about the place of a fault: the alarm that speaks of it, else what the bus tells."""
    if told := of_place(alarms, **_place(board, fault)):
        text = f"{words.LOOKS[told[0].severity.word].lower()}: {headline(told[0])}"
        return {"look": LOOK_OF[told[0].severity].word, "text": text}
    if board.bus.state is BusState.REFUSED:
        return {"look": Look.ALARM.word, "text": _("bus refused")}
    if snapshot is None:
        return {"look": Look.UNKNOWN.word, "text": _("no scan yet")}
    string = _within(fault.get("string"), board.installation.strings)
    if string is not None:
        return _string(snapshot, string)
    address = _within(fault.get("address"), board.installation.modules)
    if address is None:
        return _charger(snapshot) if fault.get("target") == "charger" else _counted(snapshot.modules.quality)
    return _behind(snapshot, address) if fault.get("kind") == "bus_break" else _module(snapshot, address)


def _place(board: Board, fault: Mapping[str, Any]) -> dict[str, int | None]:
    """Where the alarm about a fault would be: that of a cut is about what lies behind the module, not about it."""
    address = _within(fault.get("address"), board.installation.modules)
    string = _within(fault.get("string"), board.installation.strings)
    if fault.get("kind") == "bus_break" and address is not None and address % board.installation.per_string:
        address += 1
    return {"address": address, "string": string}


def seen_of_receiver(queues: Sequence[QueueStatus], channel: str) -> dict[str, str]:
    """What has become of the messages to the receivers on a channel; `channel` is a type of receivers."""
    known = [queue for queue in queues if queue.type == channel]
    failing = [queue for queue in known if queue.is_failing]
    if failing:
        return {"look": Look.ALARM.word, "text": failing[0].last_error or _("messages fail")}
    if not known:
        return {"look": Look.UNKNOWN.word, "text": _("no receiver on this channel")}
    waiting = sum(queue.waiting for queue in known)
    return {
        "look": Look.GOOD.word,
        "text": _("{count} waiting").format(count=waiting) if waiting else _("nothing has failed"),
    }


def _within(number: object, most: int) -> int | None:
    """A number of 1 to `most`, None for anything else."""
    return number if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most else None


def _module(snapshot: Snapshot, address: int) -> dict[str, str]:
    index = address - 1
    look = Look(int(worst(looks(snapshot, shown(snapshot)))[index]))
    text = _WORDS[look.word] if look.word in _WORDS else words.LOOKS[look.word]
    values = snapshot.modules
    if look in {Look.GOOD, Look.STALE}:
        text += f", {fixed(float(values.voltage_v[index]), 3)}{NBSP}V"
        text += f" ({fixed(float(values.deviation_percent[index]), 1, signed=True)}{NBSP}%)"
        text += f", {fixed(float(values.temperature_c[index]), 1)}{NBSP}°C"
        text += f", {fixed(float(values.ri_mohm[index]), 2)}{NBSP}mΩ"
    return {"look": look.word, "text": text}


def _behind(snapshot: Snapshot, address: int) -> dict[str, str]:
    last = int(snapshot.installation.string_of[address - 1]) * snapshot.installation.per_string
    quality = snapshot.modules.quality[address:last]
    told = _counted(quality)
    return told | {"text": _("{what} behind it").format(what=told["text"])}


def _charger(snapshot: Snapshot) -> dict[str, str]:
    """What a charger does shows in the strings: their states, their average voltage, the greatest ripple."""
    strings = snapshot.strings
    states = sorted({words.STRING_STATES[StringState(state).word].lower() for state in strings.state.tolist()})
    average = float(np.fmax.reduce(strings.average_v))
    ripple = float(np.fmax.reduce(strings.ripple_a))
    text = _("{states}, {volts} V a battery, ripple {ripple} A").replace(" V", f"{NBSP}V").replace(" A", f"{NBSP}A")
    text = text.format(states=", ".join(states), volts=fixed(average, 3), ripple=fixed(ripple, 1))
    return {"look": Look.GOOD.word, "text": text}


def _counted(quality: np.typing.NDArray[np.int8]) -> dict[str, str]:
    silent = int(np.count_nonzero(quality == Quality.SILENT))
    stale = int(np.count_nonzero(quality == Quality.STALE))
    if silent:
        return {
            "look": Look.SILENT.word,
            "text": _("{count} of {total} silent").format(count=silent, total=len(quality)),
        }
    if stale:
        return {"look": Look.STALE.word, "text": _("{count} of {total} stale").format(count=stale, total=len(quality))}
    return {"look": Look.GOOD.word, "text": _("all {total} good").format(total=len(quality))}


def _string(snapshot: Snapshot, string: int) -> dict[str, str]:
    amperes = float(snapshot.strings.current_a[string - 1])
    if math.isnan(amperes):
        return {"look": Look.SILENT.word, "text": _("current: no data")}
    state = words.STRING_STATES[StringState(int(snapshot.strings.state[string - 1])).word].lower()
    return {"look": Look.GOOD.word, "text": f"{state}, {current(amperes)}{NBSP}A"}
