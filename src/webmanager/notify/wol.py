"""Wake-on-LAN: the magic packet."""

from webmanager.domain.errors import RefusedError
from webmanager.domain.jobs import Verb
from webmanager.engine.notify_ports import Message
from webmanager.notify.udp import send_datagram
from webmanager.settings.destinations_model import WakeReceiver


class WakeNotifier:
    """Wakes one computer; the end of an event wakes nobody."""

    def __init__(self, settings: WakeReceiver) -> None:
        self._settings = settings

    async def send(self, message: Message) -> str:
        """Sends the packet; RefusedError for an order that is none of waking."""
        if message.verb not in {Verb.WAKE_UP, Verb.TELL}:
            raise RefusedError(f"a computer can only be woken, not told to {message.verb.value}")
        return await send_datagram(magic_packet(self._settings.mac), self._settings.broadcast, self._settings.port)


def magic_packet(mac: str) -> bytes:
    """Six times FF, then the network address sixteen times (AMD, Magic Packet Technology)."""
    return b"\xff" * 6 + bytes.fromhex(mac.replace(":", "").replace("-", "")) * 16
