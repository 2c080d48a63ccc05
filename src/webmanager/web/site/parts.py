"""What the pages show and change beside the board: each part of the device that has pages of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.counts import Counting
from webmanager.engine.front_panel import FrontPanel
from webmanager.engine.notify_ports import JobsDesk
from webmanager.engine.time_ports import TimeKeeper
from webmanager.engine.update_ports import UpdateDesk
from webmanager.settings.certificates import CertificateStore
from webmanager.settings.desk import SettingsDesk


@dataclass(frozen=True, slots=True)
class Parts:
    """A part that this device does not have is None; its pages and calls then answer 404 and say so.

    `restart` asks for a reboot of the device's parts and returns at once; `counts` give what parts have counted,
    `addresses` name each way in and where it is, `came_in` hears from where an admin has sent a request.
    """

    alarms: AlarmDesk | None = None
    settings: SettingsDesk | None = None
    jobs: JobsDesk | None = None
    time: TimeKeeper | None = None
    panel: FrontPanel | None = None
    certificates: CertificateStore | None = None
    update: UpdateDesk | None = None
    restart: Callable[[], None] | None = None
    counts: Sequence[Counting] = ()
    addresses: Callable[[], Sequence[tuple[str, str]]] = tuple
    came_in: Callable[[str | None], None] = lambda _remote: None
