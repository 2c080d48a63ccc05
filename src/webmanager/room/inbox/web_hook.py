"""A program on the web that takes JSON by POST."""

import asyncio
import json
import socket

from aiohttp import web

from webmanager.room.inbox.arrivals import Channel, Conduct, Letter, Taker

LARGEST_BODY = 256 * 1024


class WebHook:
    """Answers each POST of JSON with its number; refusing is 403."""

    def __init__(self, conduct: Conduct, taker: Taker) -> None:
        self._conduct = conduct
        self._taker = taker
        self._kept = 0
        self._server: web.Server | None = None

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Listens on a bound socket."""
        if self._server is None:
            self._server = web.Server(self._handle)
        return await asyncio.get_running_loop().create_server(self._server, sock=listener)

    async def close(self) -> None:
        """Hangs up on everybody."""
        if self._server is not None:
            await self._server.shutdown(0.5)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            return web.json_response({"detail": "POST is expected"}, status=405, headers={"Allow": "POST"})
        if (request.content_length or 0) > LARGEST_BODY:
            self._taker.unreadable(Channel.WEBHOOK)
            return web.json_response({"detail": "too large"}, status=413)
        letter = as_letter(await request.read(), request.remote or "")
        await asyncio.sleep(self._conduct.slow_s)
        if self._conduct.refuses:
            self._taker.refused(Channel.WEBHOOK)
            return web.json_response({"detail": "this program refuses"}, status=403)
        if letter is None:
            self._taker.unreadable(Channel.WEBHOOK)
            return web.json_response({"detail": "JSON is expected"}, status=400)
        if request.transport is None or request.transport.is_closing():
            return web.json_response({"detail": "nobody waits"}, status=408)
        self._taker.take(letter)
        self._kept += 1
        return web.json_response({"kept": self._kept})


def as_letter(body: bytes, sender: str) -> Letter | None:
    """A JSON object with its `text` as subject; None if it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return Letter(Channel.WEBHOOK, sender, str(document.get("text") or text), text)
