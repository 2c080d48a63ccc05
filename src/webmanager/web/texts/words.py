"""Every text that code puts on a page, in one catalogue; templates hold their own sentences. English first."""

from webmanager.language.spoken import spoken
from webmanager.web.texts.wordbook import Words

LOOKS = Words(
    {
        "unknown": "No data",
        "good": "Answers",
        "notice": "Notice",
        "pending": "Pending",
        "stale": "Stale",
        "implausible": "Implausible",
        "silent": "Silent",
        "warning": "Warning",
        "alarm": "Alarm",
    }
)
WHY = Words(
    {
        "unknown": "Nothing is known of this battery yet.",
        "good": "Answers in every scan.",
        "notice": "One value is worth watching; no action.",
        "pending": "A limit is passed; an alarm if it lasts.",
        "stale": "Missed the last scan; the values shown are old.",
        "implausible": "The module reports values this type cannot have; they are not used.",
        "silent": "Does not answer. Check the plug of its module and the bus cable; the battery itself may be fine.",
        "warning": "A warning limit is passed.",
        "alarm": "An alarm limit is passed.",
        "excluded": "Left out of the reference voltage: more than 8 % off the median of its string.",
    }
)
STRING_STATES = Words(
    {
        "float": "Float",
        "charging": "Charging",
        "discharging": "Discharging",
        "rest": "Rest",
        "unknown": "Unknown",
    }
)
BANDS = Words({"off": "OFF", "eco+": "ECO+", "eco": "ECO", "normal": "normal", "power": "power", "boost": "boost"})
LIVE = {"good": "Live", "stale": "Stale", "lost": "No data", "ended": "Logged out", "waiting": "Waiting"}
PAGE = Words(
    {
        "no_data": "no data",
        "not_complete": "not complete",
        "limiter_off": "limiter off",
        "of": "{count} of {total}",
        "show": "Show {name}",
        "never": "never",
        "answered": "Answered {age} ago.",
        "never_answered": "Never answered.",
        "ri_measured": "Ri measured {time}.",
        "revision": "rev.",
        "mixed": "mixed",
        "on": "on",
        "off": "off",
        "closed": "closed",
        "open": "open",
        "repair": "Repair",
        "play": "Play",
        "no_faults": "Nothing is broken.",
        "done": "Done.",
        "failed": "That did not work:",
        "lost": "The device does not answer.",
        "theme": "Theme",
        "theme_": "as the system",
        "theme_light": "light",
        "theme_dark": "dark",
    }
)

HISTORY = Words(
    {
        "remove": "Remove",
        "no_such": "{name} is no battery or string of this device.",
        "at_most": "At most four curves can be compared.",
        "already": "{name} is shown already.",
        "range": "{from} to {to}",
        "band": "{zone}. One point is {step}: line the mean, band the smallest and largest value.",
        "below": "Below: current of string {string}, negative while discharging.",
        "exchanged": "{name} exchanged",
        "add_battery": "Add, e.g. S5-4",
        "add_string": "Add, e.g. S5",
        "nothing": "Nothing is stored of this range.",
        "none": "none",
        "day": "day",
        "days": "days",
        "archive_bad": "That is no archive of this device:",
        "archive_sum": "{name} is not what the manifest of the archive says.",
        "archive_no": "There is nothing of this quantity in {name}",
        "time": "Time",
        "min": "min",
        "mean": "mean",
        "max": "max",
        "and_more": "The first 500 points are listed; the CSV has all.",
        "loading": "Reading…",
    }
)
STORAGE = Words(
    {
        "working": "Sizes and checksums are being worked out…",
        "unknown": "not yet known",
        "count": "{count} of {total} files chosen",
        "making": "The archive is being made…",
        "none": "There is no such file.",
        "select": "Choose",
    }
)

SEVERITIES = Words({"notice": "Notice", "warning": "Warning", "alarm": "Alarm"})
CHANGES = Words(
    {
        "raised": "raised",
        "worsened": "has become worse",
        "cleared": "is over",
        "acknowledged": "acknowledged",
        "unacknowledged": "acknowledgement taken back",
        "shelved": "shelved",
        "unshelved": "no longer shelved",
        "commented": "comment",
        "escalated": "escalated",
        "happened": "note",
    }
)
PHASES = Words(
    {
        "pending": "Pending",
        "active": "Active",
        "acknowledged": "Acknowledged",
        "shelved": "Shelved",
        "cleared": "Cleared",
    }
)
WAYS = Words(
    {
        "mail": "Email",
        "rccmd": "RCCMD",
        "trap": "SNMP",
        "syslog": "Syslog",
        "webhook": "Webhook",
        "sms": "Text message",
        "wol": "Wake-on-LAN",
        "outputs": "Relays and buzzer",
    }
)
TIMINGS = Words(
    {
        "at_once": "at once",
        "after": "after",
        "repeat": "again and again",
        "on_battery": "on battery for",
        "remaining": "autonomy left",
    }
)
LIMITS = Words({"applied": "The limits are in force.", "saved": "The limits are saved."})
LIMIT_GROUPS = Words(
    {
        "voltage": "Voltage",
        "temperature": "Temperature",
        "ri": "Internal resistance",
        "equalizing": "Equalizing",
        "module": "Modules",
        "string": "Strings",
        "bus": "Bus",
        "device": "Device and room",
    }
)
RESULTS = Words({"delivered": "delivered", "failed": "failed"})
ALARMS = Words(
    {
        "acknowledged": "Acknowledged:",
        "unacknowledged": "Waits for an answer again:",
        "shelved": "Shelved:",
        "unshelved": "No longer shelved:",
        "commented": "Noted:",
        "undone": "Taken back.",
    }
)


ROOM = Words(
    {
        "about": "Room time {time}, seed {seed}, since {age}",
        "runs_at": "Time runs at {reached}×.",
        "behind": "Time runs at {reached}×, {asked}× is asked for.",
        "autonomy": "If the mains failed now: {time} left.",
        "on_battery": "On battery: {time} left.",
        "running": "running, {share}",
        "battery": "Battery",
        "string": "String",
        "or_bus": "S3-17, or empty: bus",
        "no_battery": "{text} is no battery: {first} to {last}, or an address.",
        "off": "off",
        "current limit": "current limit",
        "boost": "boost",
        "float": "float",
    }
)
PANEL = Words(
    {
        "normal": "normal mode",
        "configuration": "configuration mode",
        "output_on": "on",
        "output_off": "off",
        "output_none": "not there",
        "off": "off",
        "on": "on",
        "flashing": "flashing",
        "flickering": "flickering",
        "done_muted": "The buzzer is silent until the next alarm.",
        "done_moved": "The switches are set. They take effect at the next cold start.",
        "done_restart": "The device restarts. Wait until the status LED flashes green again.",
    }
)


INBOX = Words(
    {
        "mail": "Mail",
        "rccmd": "RCCMD",
        "trap": "SNMP manager",
        "syslog": "Log server",
        "webhook": "Webhook",
        "sms": "Text message",
        "channel": "Channel",
        "dead": "dead",
        "slow": "slow",
        "refuses": "refuses",
        "none": "Nothing yet.",
        "done": "What was done",
        "broken": "{title} {where}",
        "repaired": "{title} {where}: repaired",
        "mains_off": "Mains switched off",
        "mains_on": "Mains switched on",
        "ago": "{time} ago",
        "after": "{time} after: {what}",
        "from": "From {sender}.",
        "picture": "With a picture.",
    }
)


def catalogue() -> dict[str, dict[str, str]]:
    """What scripts get, by group, in the language spoken."""
    return {
        "locale": {"decimal": "," if spoken().comma else "."},
        "looks": dict(LOOKS),
        "why": dict(WHY),
        "states": dict(STRING_STATES),
        "bands": dict(BANDS),
        "live": dict(LIVE),
        "page": dict(PAGE),
        "history": dict(HISTORY),
        "storage": dict(STORAGE),
        "room": dict(ROOM),
        "inbox": dict(INBOX),
        "panel": dict(PANEL),
        "changes": dict(CHANGES),
        "alarms": dict(ALARMS),
    }
