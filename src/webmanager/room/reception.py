"""All who receive in the room: ports, behaviour, and what reached them, as the control interface says it."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from webmanager.room.deeds import Deed, Deeds
from webmanager.room.inbox.arrivals import Arrival, Cause, Channel, Conduct, Inbox, Letter
from webmanager.room.inbox.doors import Datagrams, TcpDoor, claim, serve_datagrams
from webmanager.room.inbox.log_server import LogServer
from webmanager.room.inbox.mail import MailServer
from webmanager.room.inbox.ports import InboxPorts
from webmanager.room.inbox.rccmd import RccmdServers
from webmanager.room.inbox.trap_receiver import TrapReceiver
from webmanager.room.inbox.web_hook import WebHook
from webmanager.room.modem import Modem
from webmanager.room.phone import Phone
from webmanager.room.service import RoomService

Document = dict[str, Any]
MOST_DEEDS = 10


class Reception:
    """Owns the receivers of one room; without an `[inbox]` there are none, and nothing listens.

    `host_s` is the host's monotonic clock, `com2` what a device calls the port of the modem.
    """

    def __init__(
        self, service: RoomService, host_s: Callable[[], float], modem: Modem | None = None, com2: str = ""
    ) -> None:
        self._service = service
        self._host_s = host_s
        self._ports = service.config.inbox
        self._conducts = service.room.receivers
        self._inbox = Inbox(self._conducts)
        self._deeds = Deeds(mains=service.room.mains)
        self._where: dict[Channel, Document] = {}
        self._doors: dict[Channel, TcpDoor] = {}
        self._datagrams: list[Datagrams] = []
        conduct = self._conducts.get
        self._mail = MailServer(conduct(Channel.MAIL, Conduct()), self)
        self._rccmd = RccmdServers(conduct(Channel.RCCMD, Conduct()), self)
        self._manager = TrapReceiver(conduct(Channel.TRAP, Conduct()), self)
        self._log = LogServer(conduct(Channel.SYSLOG, Conduct()), self)
        self._hook = WebHook(conduct(Channel.WEBHOOK, Conduct()), self)
        self._phone = None
        if modem is not None and Channel.SMS in self._conducts:
            self._phone = Phone(modem, self._conducts[Channel.SMS], self)
            self._where[Channel.SMS] = {"port": com2}

    # -- what receivers hand in

    def take(self, letter: Letter) -> None:
        """A message was accepted now."""
        host_s = self._host_s()
        at_s = self._service.clock.now_s(host_s)
        found = self._deeds.cause_of(letter, at_s, host_s)
        arrival = self._inbox.put(letter, at_s, host_s, found[1] if found else None)
        if found:
            found[0].told.setdefault(letter.channel, arrival)

    def refused(self, channel: Channel) -> None:
        """A receiver has said no."""
        self._inbox.counts[channel].refused += 1

    def unreadable(self, channel: Channel) -> None:
        """What came was not in the language of this channel."""
        self._inbox.counts[channel].unreadable += 1

    # -- what they are

    async def open(self) -> None:
        """Listens; ConfigError if a port is taken."""
        if self._ports is None:
            return
        try:
            for channel, serve in (
                (Channel.MAIL, self._mail.serve),
                (Channel.RCCMD, self._rccmd.serve),
                (Channel.SYSLOG, self._log.serve),
                (Channel.WEBHOOK, self._hook.serve),
            ):
                holder, udp = self._claimed(channel, self._ports)
                self._doors[channel] = TcpDoor(holder, serve)
                if udp is not None:
                    hear = self._rccmd.hear if channel is Channel.RCCMD else self._log.hear
                    self._datagrams.append(await serve_datagrams(udp, hear))
            await self._open_manager(self._ports)
            await self.follow()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Gives every port back."""
        for door in self._doors.values():
            door.close()
        for datagrams in self._datagrams:
            datagrams.close()
        self._mail.close()
        self._manager.close()
        await self._hook.close()

    async def follow(self) -> None:
        """Notes what was done in the room, and lets each receiver behave as its faults say."""
        room, host_s = self._service.room, self._host_s()
        self._deeds.follow(room.faults, mains=room.mains, at_s=self._service.clock.now_s(host_s), host_s=host_s)
        for channel, door in self._doors.items():
            conduct = self._conducts[channel]
            if conduct.is_dead or (conduct.refuses and channel is Channel.SYSLOG):
                door.shut()
            else:
                await door.open()
        if self._phone is not None:
            self._phone.follow()

    def clear(self) -> None:
        """Forgets all arrivals."""
        self._inbox.clear()

    def document(self, after: int = 0) -> Document:
        """All arrivals with a higher number, who receives, and who was told of what was done, how fast."""
        return {
            "on": bool(self._conducts),
            "time": _iso(self._service.clock.now_s(self._host_s())),
            "oldest": self._inbox.oldest,
            "newest": self._inbox.newest,
            "channels": [self._channel_document(channel) for channel in self._conducts],
            "deeds": [_deed_document(deed) for deed in self._deeds.newest(MOST_DEEDS)],
            "arrivals": [_arrival_document(arrival) for arrival in self._inbox.after(after)],
        }

    def _claimed(self, channel: Channel, ports: InboxPorts) -> tuple[socket.socket, socket.socket | None]:
        with_udp = channel in {Channel.RCCMD, Channel.SYSLOG}
        holder, udp = claim(ports.bind, ports.of(channel), with_udp=with_udp)
        self._where[channel] = {"host": ports.bind, "port": holder.getsockname()[1]}
        return holder, udp

    async def _open_manager(self, ports: InboxPorts) -> None:
        holder, udp = claim(ports.bind, ports.trap, with_udp=True)
        holder.close()
        assert udp is not None  # noqa: S101 -- it was asked for
        self._where[Channel.TRAP] = {"host": ports.bind, "port": udp.getsockname()[1]}
        self._manager.datagrams = await serve_datagrams(udp, self._manager.hear)
        self._datagrams.append(self._manager.datagrams)

    def _channel_document(self, channel: Channel) -> Document:
        conduct, count = self._conducts[channel], self._inbox.counts[channel]
        behaves = "dead" if conduct.is_dead else "refuses" if conduct.refuses else "slow" if conduct.slow_s else "ok"
        return {
            "channel": channel.value,
            **self._where.get(channel, {}),
            "behaves": behaves,
            "received": count.received,
            "refused": count.refused,
            "unreadable": count.unreadable,
        }


def _arrival_document(arrival: Arrival) -> Document:
    letter, cause = arrival.letter, arrival.cause
    return {
        "number": arrival.number,
        "channel": letter.channel.value,
        "at": _iso(arrival.at_s),
        "from": letter.sender,
        "subject": letter.subject,
        "text": letter.text,
        "picture": letter.has_picture,
        "cause": None if cause is None else _cause_document(cause),
    }


def _cause_document(cause: Cause) -> Document:
    return {
        "what": cause.what,
        "title": cause.title,
        "where": cause.where,
        "after_s": round(cause.after_s, 3),
        "host_after_s": round(cause.host_after_s, 3),
    }


def _deed_document(deed: Deed) -> Document:
    told = {
        channel.value: {
            "number": arrival.number,
            "after_s": round(arrival.at_s - deed.at_s, 3),
            "host_after_s": round(arrival.host_s - deed.host_s, 3),
        }
        for channel, arrival in deed.told.items()
    }
    return {"what": deed.what, "title": deed.title, "where": deed.where, "at": _iso(deed.at_s), "told": told}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
