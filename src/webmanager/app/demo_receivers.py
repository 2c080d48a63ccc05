"""The demo begins with receivers and jobs for all who receive in its room, and finds these again at each start."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from webmanager.domain.errors import ConfigError, StoreError, WebmanagerError
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.file import SETTINGS_FILE
from webmanager.settings.jobs_model import NotifySettings
from webmanager.settings.section import Section
from webmanager.web.http.problem import Problem
from webmanager.web.site.room_link import RoomControl

log = logging.getLogger(__name__)

HERE = "127.0.0.1"
BY = "demo"
NAMES = {
    "mail": "demo mail",
    "rccmd": "demo servers",
    "trap": "demo manager",
    "syslog": "demo log",
    "webhook": "demo hook",
    "sms": "demo phone",
    "outputs": "relays",
}
"""The receivers of the demo by their type, which is the channel in the room."""
Port = int | str


async def ports_of_room(control: str) -> dict[str, Port]:
    """Where those who receive in the room listen now, by channel; WebmanagerError if it does not say."""
    room = RoomControl(control)
    try:
        _, document = await room.call("GET", "/inbox")
    except Problem as problem:
        raise WebmanagerError(problem.detail) from None
    finally:
        await room.close()
    channels = document.get("channels", []) if isinstance(document, dict) else []
    return {str(one["channel"]): one["port"] for one in channels}


def introduce(data_dir: Path, ports: Mapping[str, Port], at: float) -> None:
    """Gives a data directory without settings all receivers and jobs; in any other the ports are brought up to date.

    Settings that cannot be read or written stay as they are: the device says so itself.
    """
    is_new = not (data_dir / SETTINGS_FILE).exists()
    desk = SettingsDesk.open(data_dir)
    if desk.trouble:
        return
    try:
        if is_new:
            desk.apply("notify", {"receivers": receivers(ports), "jobs": jobs()}, BY, at)
        else:
            desk.apply("notify.receivers", brought_up_to_date(desk.applied.notify, ports), BY, at)
        if desk.unsaved():
            desk.save(BY, at)
    except (ConfigError, StoreError) as error:
        log.error("The receivers of the demo cannot be set up: %s", error)


def receivers(ports: Mapping[str, Port]) -> list[dict[str, Any]]:
    """All of them, as the page *Jobs* has them."""
    rows: dict[str, dict[str, Any]] = {
        "mail": {"server": HERE, "security": "none", "sender": "battery@example.com", "to": ["operator@example.com"]},
        "rccmd": {"receivers": HERE, "transport": "tcp"},
        "trap": {"host": HERE, "version": "2c", "inform": True},
        "syslog": {"host": HERE, "transport": "tcp"},
        "webhook": {"url": f"http://{HERE}:{ports['webhook']}/events", "allow_local": True},
        "sms": {"to": ["+447700900123"]},
        "outputs": {},
    }
    for kind in ("mail", "rccmd", "trap", "syslog", "sms"):
        rows[kind]["port"] = ports[kind]
    return [{"type": kind, "name": NAMES[kind], **row} for kind, row in rows.items()]


def jobs() -> list[dict[str, Any]]:
    """Every event to whoever reads, alarms to whoever must act."""
    return [
        {"name": "demo tell everybody", "to": [NAMES[kind] for kind in ("mail", "trap", "syslog", "webhook")]},
        {"name": "demo call out", "to": [NAMES["sms"], NAMES["rccmd"]], "least_severity": "alarm"},
        {
            "name": "demo relay",
            "to": [NAMES["outputs"]],
            "least_severity": "alarm",
            "do": "switch",
            "argument": "relay1",
        },
    ]


def brought_up_to_date(notify: NotifySettings, ports: Mapping[str, Port]) -> list[dict[str, Any]]:
    """The receivers as they are, those of the demo with the ports of now; one that was aimed elsewhere stays so."""
    return [_aimed(receiver, ports) for receiver in notify.receivers]


def _aimed(receiver: Section, ports: Mapping[str, Port]) -> dict[str, Any]:
    row = receiver.model_dump(mode="json")
    kind = row["type"]
    if row["name"] != NAMES.get(kind) or kind not in ports or not _is_of_room(kind, row):
        return row
    if kind == "webhook":
        parts = urlsplit(row["url"])
        return row | {"url": urlunsplit(parts._replace(netloc=f"{HERE}:{ports[kind]}"))}
    return row | {"port": ports[kind]}


def _is_of_room(kind: str, row: Mapping[str, Any]) -> bool:
    """Whether a receiver still points to a room on this host."""
    if kind == "webhook":
        return urlsplit(str(row["url"])).hostname == HERE
    if kind == "sms":
        return Path(row["port"]).name == "com2"
    return HERE in (row.get("server"), row.get("host"), row.get("receivers"))
