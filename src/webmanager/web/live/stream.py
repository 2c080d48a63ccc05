"""`GET /api/v1/live`: server-sent events to one browser, until it leaves, is too slow or its login ends."""

import asyncio
import logging

from aiohttp import web

from webmanager.web.guard.auth import CALLER
from webmanager.web.http.packing import GzipFrame, packed
from webmanager.web.live.feed import Event, LiveFeed
from webmanager.web.site.site import SITE

log = logging.getLogger("webmanager.web.live")

HEARTBEAT_S = 10.0
SLOW_CLIENT_S = 10.0
RETRY_MS = 2000
_BEAT = b"event: beat\ndata: {}\n\n"

FEED: web.AppKey[LiveFeed] = web.AppKey("feed", LiveFeed)


async def live(request: web.Request) -> web.StreamResponse:
    """The stream of one browser; one that does not read for 10 s is let go."""
    feed = request.app[FEED]
    feed.enter()
    stream = _Stream(request)
    try:
        await stream.open()
        event, heard = feed.newest(), feed.news.number
        await stream.send(event)
        while stream.may_stay():
            newer = await feed.newer_than(event.number, HEARTBEAT_S, heard)
            if feed.is_ended:
                break
            if newer is None:
                await stream.say(_BEAT)
                continue
            told, heard = feed.news.since(heard), feed.news.number
            for text in told:
                await stream.say(text)
            if newer.number != event.number:
                event = newer
                await stream.send(event)
        await stream.close()
    except TimeoutError:
        feed.dropped += 1
        log.info("live stream of %s dropped: it did not read for %.0f s", request.remote, SLOW_CLIENT_S)
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        pass
    finally:
        feed.leave()
    return stream.response


class _Stream:
    """One response, packed if the client can unpack."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._site = request.app[SITE]
        self._caller = request[CALLER]
        self._changes = self._site.users.changes
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        self._frame: GzipFrame | None = None
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            self._frame = GzipFrame()
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        self.response = web.StreamResponse(headers=headers)

    async def open(self) -> None:
        """Sends the headers and how soon to come back."""
        await self.response.prepare(self._request)
        if self._frame is not None:
            await self._write(self._frame.header)
        await self.say(f"retry: {RETRY_MS}\n\n".encode())

    async def send(self, event: Event) -> None:
        """Sends an event everybody gets."""
        if self._frame is None:
            await self._write(event.text)
        else:
            self._frame.count(event.text)
            await self._write(event.packed)

    async def say(self, text: bytes) -> None:
        """Sends a text of one's own."""
        if self._frame is None:
            await self._write(text)
        else:
            self._frame.count(text)
            await self._write(packed(text))

    async def close(self) -> None:
        """Ends the stream in order."""
        if self._frame is not None:
            await self._write(self._frame.trailer())

    def may_stay(self) -> bool:
        """The login still holds; an open stream counts as the use of its session."""
        session = self._caller.session
        if session is None:
            return self._changes == self._site.users.changes
        secret = self._request.cookies.get(self._site.config.session_cookie, "")
        return self._site.sessions.find(secret) is session

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(SLOW_CLIENT_S):
            await self.response.write(data)
