"""A web door with everything a device can have, so that every page has much to show."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from fakes.alarm_site import LOW, LOW_V, AlarmSite, FakeJobs, alarm_site
from fakes.board import FakeBatteries
from fakes.packages import PUBLIC, signed, wheel
from fakes.panel import PanelStand
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.panel import Dips
from webmanager.engine.time_ports import ServerStatus, TimeStatus
from webmanager.modbus.registers import map_csv
from webmanager.settings.certificates import CertificateStore
from webmanager.settings.desk import SettingsDesk, validated
from webmanager.settings.update_model import UpdateSettings
from webmanager.update.service import UpdateService
from webmanager.web.accounts.roles import Role
from webmanager.web.site.room_link import RoomControl
from webmanager.web.system.registers import RegisterMap

LONG_NAME = "m.kern-of-the-northern-site@site"
BEHIND_THE_CUT = tuple(range(89, 97))
"""S3-25 to S3-32."""
RECEIVERS = [
    {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"},
    {"type": "trap", "name": "nms", "host": "192.0.2.1"},
    {"type": "rccmd", "name": "servers", "receivers": "192.0.2.2"},
]
JOBS = [{"name": "Night shift", "to": ["ops", "nms"], "escalate": [{"after_s": 600, "to": ["servers"]}]}]
REGISTERS = RegisterMap("127.0.0.1 port 5020", 1, ("Address", "Name"), [("1003", "BACS_NUMSTRINGS")], map_csv())


class TwoServers:
    """A clock that follows the second of two time servers."""

    zone: tzinfo = ZoneInfo("Europe/Berlin")

    def status(self) -> TimeStatus:
        servers = (ServerStatus("one", 3, 0, error="no answer within 2 s"), ServerStatus("two", 3, 3, 0.2, 0.01, 2))
        return TimeStatus("ntp", True, "it follows two", servers, 1_700_000_000.0, 0.2, 3, 1, 2)


@asynccontextmanager
async def full_site(directory: Path, room: RoomControl | None = None) -> AsyncIterator[AlarmSite]:
    """Three strings of 32: two alarms are open, a change waits to be saved, an update to be installed."""
    desk = SettingsDesk(validated({"notify": {"receivers": RECEIVERS, "jobs": JOBS}}))
    desk.apply("network", {"http_port": 8081}, "admin", 1.0)
    stand = PanelStand()
    stand.alarm()
    stand.panel.move_dips(Dips(False, False), "somebody")
    updates = UpdateService(directory / "update", UpdateSettings, PUBLIC, "0.1.0", time.time)
    parts = {
        "settings": desk,
        "jobs": FakeJobs(),
        "time": TwoServers(),
        "panel": stand.panel,
        "certificates": CertificateStore(directory / "tls", lambda: ("localhost",), time.time),
        "update": updates,
        "restart": lambda: None,
        "addresses": lambda: [("Modbus TCP", "127.0.0.1 port 5020"), ("SNMP", "127.0.0.1 port 1161")],
    }
    package, incoming = wheel(directory), updates.incoming()
    incoming.write_bytes(package.read_bytes())
    await updates.accept(incoming, signed(package))
    batteries = FakeBatteries(
        Installation(96, 3, BlockType(), "UPS room north", "Cellar 2"), stale=(7,), implausible=(9,)
    )
    async with alarm_site(batteries=batteries, room=room, registers=REGISTERS, parts=parts) as site:
        batteries.low, batteries.silent = {LOW: LOW_V}, BEHIND_THE_CUT
        site.scan(35)
        for event in list(site.log.events):
            site.log.deliver(event)
            site.log.deliver(event, target="phone", result="failed", proof="no carrier", attempts=8)
        now, door = site.device.clock.now(), site.device.server.site
        site.desk.comment(site.number_of("bus_open"), "Ordered a cable.", "kern", now)
        site.desk.acknowledge(site.number_of("bus_open"), "kern", now)
        await door.users.add(LONG_NAME, Role.VIEWER, "a long sentence")
        await door.tokens.make("grafana", door.users.listed[0], Role.VIEWER, 90)
        door.notes.write(LOW, "Torque checked.", None)
        door.notes.exchange(LOW - 1, "kern", now, date(2023, 11, 1))
        yield site
