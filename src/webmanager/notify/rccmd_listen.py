"""RCCMD, receiving: an open receiver for any computer that must go down in order.

It runs nothing but what stands in its own file, as an argument list, without a shell; no text from the wire gets there.
"""

import asyncio
import ipaddress
import logging
import ssl
from collections import OrderedDict
from contextlib import suppress

from webmanager.domain.errors import ConfigError
from webmanager.notify.message import one_line
from webmanager.notify.rccmd_sentence import LONGEST_LINE, Order, Sentence, receipt, understand
from webmanager.settings.rccmd_model import Action, RccmdListenSettings

log = logging.getLogger(__name__)

IDLE_S = 10.0
MOST_CONNECTIONS = 20
SAME_LINE_S = 30.0
"""A sentence said again within this time is a repetition whose answer was lost: answered, not acted on."""
REMEMBERED = 256


class RccmdListener:
    """Listens until closed, on `udp_port` and `tcp_port` once opened.

    `acted` counts what was run, `strangers` what came from elsewhere, `unknown` what was no RCCMD, `refused` the rest.
    """

    def __init__(self, settings: RccmdListenSettings) -> None:
        self._settings = settings
        self._networks = [ipaddress.ip_network(sender) for sender in settings.senders]
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waiting: set[str] = set()
        self._heard: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._transport: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections = 0
        self.acted = self.strangers = self.unknown = self.refused = 0
        self.udp_port = self.tcp_port = 0

    async def open(self) -> None:
        """Starts to listen; ConfigError if the port or the certificate cannot be used."""
        settings = self._settings
        loop = asyncio.get_running_loop()
        try:
            if settings.udp:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(settings.bind, settings.port), allow_broadcast=True
                )
                self.udp_port = self._transport.get_extra_info("sockname")[1]
            if settings.tcp:
                self._server = await asyncio.start_server(
                    self._converse, settings.bind, settings.port, ssl=self._context(), limit=LONGEST_LINE
                )
                self.tcp_port = self._server.sockets[0].getsockname()[1]
        except OSError as error:
            await self.close()
            raise ConfigError(f"cannot listen on {settings.bind}:{settings.port}: {error.strerror}") from None

    async def close(self) -> None:
        """Ends listening and withdraws what is waiting; what runs already is ended."""
        if self._transport:
            self._transport.close()
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def hear(self, line: str, sender: str) -> str:
        """Acts on one line from one address; returns the answer (empty for a stranger, who gets none)."""
        if not self._may_speak(sender):
            self.strangers += 1
            log.warning("%s is not on the list of senders", sender)
            return ""
        said = understand(line)
        if said is None:
            self.unknown += 1
            log.warning("%s says nothing of RCCMD: %r", sender, one_line(line, 80))
            return "RCCMD REFUSED this is no sentence of RCCMD"
        log.info("%s: %s", sender, one_line(said.text, 200))
        refusal = self._refusal(said)
        if refusal:
            self.refused += 1
            log.warning("%s asks for what is not configured: %s", sender, refusal)
            return f"RCCMD REFUSED {refusal}"
        if not self._is_repetition(line, sender):
            self._act(said)
        return receipt(line)

    def _may_speak(self, sender: str) -> bool:
        ip = ipaddress.ip_address(sender.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks)

    def _refusal(self, said: Sentence) -> str:
        if said.order is Order.COMMAND and said.name not in self._settings.commands:
            return "this command is not configured"
        if said.order is Order.POWERFAIL and self._settings.powerfail is None:
            return "nothing is configured for a power failure"
        return ""

    def _is_repetition(self, line: str, sender: str) -> bool:
        now_s = asyncio.get_running_loop().time()
        before_s = self._heard.get((sender, line))
        self._heard[sender, line] = now_s
        self._heard.move_to_end((sender, line))
        while len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        return before_s is not None and now_s - before_s < SAME_LINE_S

    def _act(self, said: Sentence) -> None:
        settings = self._settings
        match said.order:
            case Order.POWERFAIL:
                action = settings.powerfail
                if action is None or (action.ups and action.ups != said.ups):
                    return
                if action.minutes_below is None or (said.minutes or 0) <= action.minutes_below:
                    self._start("powerfail", action)
            case Order.RESTORED:
                self._withdraw()
                if settings.restored:
                    self._start("restored", settings.restored)
            case Order.MESSAGE:
                if settings.message:
                    self._start("message", settings.message)
            case Order.COMMAND:
                self._start(f"command {said.name}", settings.commands[said.name])

    def _start(self, name: str, action: Action) -> None:
        """Runs an action, unless the same one is waiting or running already."""
        running = self._tasks.get(name)
        if running and not running.done():
            log.info("%s is under way already", name)
            return
        self.acted += 1
        self._waiting.add(name)
        self._tasks[name] = asyncio.create_task(self._later(name, action), name=name)

    async def _later(self, name: str, action: Action) -> None:
        try:
            await asyncio.sleep(action.after_s)
        finally:
            self._waiting.discard(name)
        await _run(name, action)

    def _withdraw(self) -> None:
        """Mains is back: a shutdown that has not begun is called off. What runs is left to run."""
        if "powerfail" in self._waiting:
            log.info("the shutdown is withdrawn")
            self._tasks["powerfail"].cancel()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Line by line until the other side has nothing more to say."""
        sender = writer.get_extra_info("peername")[0]
        self._connections += 1
        try:
            if not self._may_speak(sender):
                self.strangers += 1
                return
            while self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(IDLE_S):
                    line = (await reader.readline()).decode("ascii", "replace").rstrip("\r\n")
                if not line:
                    return
                writer.write(self.hear(line, sender).encode("ascii", "replace") + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:
            log.debug("%s: %s", sender, error)
        finally:
            self._connections -= 1
            writer.close()

    def _context(self) -> ssl.SSLContext | None:
        if not self._settings.certificate:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self._settings.certificate, self._settings.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"certificate and key cannot be used: {error}") from None
        return context


class _Datagrams(asyncio.DatagramProtocol):
    """One datagram, one line; newlines may follow it, nothing else."""

    def __init__(self, listener: RccmdListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) <= LONGEST_LINE:
            self._listener.hear(data.decode("ascii", "replace").rstrip("\n"), addr[0])


async def _run(name: str, action: Action) -> None:
    """Runs it and ends it after its time; the output goes to the log."""
    log.warning("%s: running %s", name, action.command[0])
    try:
        process = await asyncio.create_subprocess_exec(
            *action.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        log.error("%s: %s cannot be run: %s", name, action.command[0], error.strerror)
        return
    try:
        async with asyncio.timeout(action.timeout_s):
            output, _ = await process.communicate()
        said = one_line(output[:2000].decode("utf-8", "replace"), 400)
        log.warning("%s: ended with %s %s", name, process.returncode, said)
    except TimeoutError:
        log.error("%s: ended after %g s without an end of its own", name, action.timeout_s)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
