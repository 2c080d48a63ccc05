"""What the open alarms say in the first line of the status page: how many, the most urgent one, since when."""

import re

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.alarms import Alarm
from webmanager.domain.events import Severity
from webmanager.domain.limits import ROWS, Quantity
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import ngettext, sentence
from webmanager.web.looks.judge import Look
from webmanager.web.texts.figures import duration

LOOK_OF = {Severity.NOTICE: Look.NOTICE, Severity.WARNING: Look.WARNING, Severity.ALARM: Look.ALARM}
_OF_THE_BUS = frozenset({Quantity.MODULE, Quantity.BUS})
_SINCE = re.compile(r",? since \d\d:\d\d:\d\d UTC on [^.]*\.?$|\.$")


def headline(alarm: Alarm) -> str:
    """What an alarm says, without its full stop and its date: the page shows how long it lasts."""
    return brief(alarm.found.text)


def brief(text: str) -> str:
    """A text of an alarm without the date it ends with, in the language spoken."""
    return sentence(_SINCE.sub("", text))


def most_urgent(picture: AlarmPicture) -> Alarm:
    """The alarm to look at first: one that waits for an answer, of these the gravest, of these the oldest."""
    return min(picture.alarms, key=lambda alarm: (alarm.state != "active", -alarm.severity, alarm.found.since_at))


def alarms_said(picture: AlarmPicture, at: float) -> tuple[Look, str, str, int | None]:
    """Look of the gravest, text, text without durations, the address to look at first (None = no battery)."""
    first = most_urgent(picture)
    head = f"{', '.join(_counted(picture))}. "
    urgent = _("Most urgent: %(text)s") if len(picture.alarms) > 1 else "%(text)s"
    told = head + urgent % {"text": headline(first)}
    lasts = _("for %(time)s") % {"time": duration(max(at - first.found.since_at, 0.0))}
    address = first.source.address or (first.found.affected[0] if first.found.affected else None)
    return max(LOOK_OF[alarm.severity] for alarm in picture.alarms), f"{told}, {lasts}.", f"{told}.", address


def _counted(picture: AlarmPicture) -> list[str]:
    """How many of each severity, gravest first."""
    by = picture.by_severity
    alarms, warnings, notices = (by.get(one, 0) for one in (Severity.ALARM, Severity.WARNING, Severity.NOTICE))
    texts = (
        ngettext("%(num)d alarm", "%(num)d alarms", alarms) % {"num": alarms},
        ngettext("%(num)d warning", "%(num)d warnings", warnings) % {"num": warnings},
        ngettext("%(num)d notice", "%(num)d notices", notices) % {"num": notices},
    )
    return [text for text, count in zip(texts, (alarms, warnings, notices), strict=True) if count]


def told_for(picture: AlarmPicture | None) -> frozenset[int]:
    """Addresses whose silence an open alarm already speaks of."""
    alarms = () if picture is None else picture.alarms
    about_silence = [alarm for alarm in alarms if ROWS[alarm.found.kind].quantity in _OF_THE_BUS]
    return frozenset(address for alarm in about_silence for address in alarm.found.affected)


def of_place(picture: AlarmPicture | None, *, address: int | None = None, string: int | None = None) -> list[Alarm]:
    """Open alarms that speak of a battery, of a string, or, without either, of the device; gravest first."""
    if address is not None:
        return of_battery(picture, address)
    alarms = () if picture is None else picture.alarms
    return [alarm for alarm in alarms if alarm.source.string == string and alarm.source.address is None]


def of_battery(picture: AlarmPicture | None, address: int) -> list[Alarm]:
    """Open alarms that speak of a battery, gravest first."""
    alarms = () if picture is None else picture.alarms
    return [alarm for alarm in alarms if alarm.source.address == address or address in alarm.found.affected]
