"""Where the receivers of the room listen, as the room file says. Pure."""

from dataclasses import dataclass

from webmanager.room.inbox.arrivals import Channel

NETWORK_CHANNELS = tuple(channel.value for channel in Channel if channel is not Channel.SMS)
"""Channels with a network port; a text comes over the modem on COM2."""


@dataclass(frozen=True, slots=True)
class InboxPorts:
    """Address and ports; 0 is any free port. RCCMD and syslog have the port for UDP as well as for TCP."""

    bind: str = "127.0.0.1"
    mail: int = 0
    rccmd: int = 0
    trap: int = 0
    syslog: int = 0
    webhook: int = 0

    def of(self, channel: Channel) -> int:
        """The port of a network channel."""
        return int(getattr(self, channel.value))
