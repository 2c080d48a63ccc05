"""One datagram to one address or broadcast address."""

import asyncio
import ipaddress
import socket

from webmanager.domain.errors import DeliveryError


async def send_datagram(data: bytes, host: str, port: int) -> str:
    """Sends and says so: the proof of UDP is that this host let the bytes go. DeliveryError if it did not."""
    loop = asyncio.get_running_loop()
    try:
        family, address = await resolve(host, port)
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            if family == socket.AF_INET:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            await loop.sock_sendto(sender, data, address)
    except OSError as error:
        raise DeliveryError(f"{host}:{port}: {error}") from None
    return f"{len(data)} bytes sent to {address[0]}:{port} by UDP, which knows no answer"


async def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Family and socket address of a receiver. A number needs no name server and no thread. OSError if unknown."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        return found[0][0], (str(found[0][4][0]), port)
    return (socket.AF_INET if number.version == 4 else socket.AF_INET6), (host, port)
