"""The hand in the room: HTTP and JSON on a Unix socket or a TCP port. Errors are RFC 9457 problem documents."""

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from webmanager.domain.errors import ConfigError
from webmanager.room import documents
from webmanager.room.config import SPEEDS
from webmanager.room.reception import Reception
from webmanager.room.service import RoomService

LONGEST_WAIT_S = 25.0
MOST_BYTES = 64 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Adapter(Protocol):
    """The bus adapter, which can be pulled out."""

    @property
    def is_plugged(self) -> bool: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...


class ControlServer:
    """Serves one room. `host_s` is the host's monotonic clock; call `clock_changed` when the clock may have changed."""

    def __init__(
        self,
        service: RoomService,
        host_s: Callable[[], float],
        adapter: Adapter | None = None,
        reception: Reception | None = None,
    ) -> None:
        self._service = service
        self._adapter = adapter
        self._reception = reception or Reception(service, host_s)
        self._host_s = host_s
        self._runner: web.AppRunner | None = None
        self._path: Path | None = None
        self._turned = asyncio.Event()
        self._version = service.clock.version
        self._is_closing = False

    async def start(self, address: str) -> None:
        """Listens on `unix:PATH` or `HOST:PORT`; ConfigError if that cannot be."""
        app = web.Application(middlewares=[_problems, self._followed], client_max_size=MOST_BYTES)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await self._site(self._runner, address).start()
        except OSError as error:
            await self.stop()
            raise ConfigError(f"control interface {address}: {error.strerror or error}") from None

    async def stop(self) -> None:
        """Ends all requests and removes the socket."""
        self._is_closing = True
        self._wake()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    @web.middleware
    async def _followed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What was done takes effect, and is noted with its time, before it is answered."""
        answer = await handler(request)
        if request.method != "GET":
            await self._reception.follow()
        return answer

    def clock_changed(self) -> None:
        """Wakes those who wait for a new clock tuple, if there is one."""
        if self._service.clock.version != self._version:
            self._version = self._service.clock.version
            self._wake()

    def _wake(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    def _site(self, runner: web.AppRunner, address: str) -> web.BaseSite:
        if address.startswith("unix:"):
            self._path = Path(address.removeprefix("unix:"))
            self._path.unlink(missing_ok=True)
            return web.UnixSite(runner, str(self._path))
        host, _, port = address.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ConfigError(f"control interface {address!r}: unix:PATH or HOST:PORT")
        return web.TCPSite(runner, host.strip("[]"), int(port))

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/room", self._get_room),
            web.get("/faults", self._get_faults),
            web.post("/faults", self._post_fault),
            web.delete("/faults/{id}", self._delete_fault),
            web.post("/mains", self._post_mains),
            web.post("/load", self._post_load),
            web.post("/ambient", self._post_ambient),
            web.post("/speed", self._post_speed),
            web.post("/adapter", self._post_adapter),
            web.get("/clock", self._get_clock),
            web.get("/scenarios", self._get_scenarios),
            web.post("/scenarios/{name}/play", self._post_play),
            web.post("/scenario", self._post_scenario),
            web.delete("/scenario", self._delete_scenario),
            web.get("/inbox", self._get_inbox),
            web.delete("/inbox", self._delete_inbox),
            web.get("/truth", self._get_truth),
        ]

    async def _get_room(self, _: web.Request) -> web.Response:
        is_plugged = self._adapter is None or self._adapter.is_plugged
        return web.json_response(documents.room_document(self._service, is_plugged=is_plugged))

    async def _get_truth(self, _: web.Request) -> web.Response:
        return web.json_response(documents.truth_document(self._service.room))

    async def _get_faults(self, _: web.Request) -> web.Response:
        faults = [documents.fault_document(fault) for fault in self._service.room.faults]
        return web.json_response({"faults": faults})

    async def _post_fault(self, request: web.Request) -> web.Response:
        body = await _body(request)
        fault = self._service.room.faults.add(body, self._service.room.now_s)
        document = documents.fault_document(fault)
        return web.json_response(document, status=201, headers={"Location": f"/faults/{fault.id}"})

    async def _delete_fault(self, request: web.Request) -> web.Response:
        text = request.match_info["id"]
        try:
            fault = self._service.room.faults.remove(int(text))
        except (KeyError, ValueError):
            raise web.HTTPNotFound(text=f"there is no fault {text}") from None
        return web.json_response(documents.fault_document(fault))

    async def _post_mains(self, request: web.Request) -> web.Response:
        self._service.room.set_mains(_is_on(await _body(request), "on"))
        return await self._get_room(request)

    async def _post_load(self, request: web.Request) -> web.Response:
        self._service.room.set_load(_number(await _body(request), "watts"))
        return await self._get_room(request)

    async def _post_ambient(self, request: web.Request) -> web.Response:
        self._service.room.set_ambient(_number(await _body(request), "celsius"))
        return await self._get_room(request)

    async def _post_speed(self, request: web.Request) -> web.Response:
        factor = _number(await _body(request), "factor")
        if not SPEEDS[0] <= factor <= SPEEDS[1]:
            raise ConfigError(f"factor {factor:g}: {SPEEDS[0]:g} to {SPEEDS[1]:g} are possible")
        self._service.set_speed(factor, self._host_s())
        self.clock_changed()
        return await self._get_room(request)

    async def _post_adapter(self, request: web.Request) -> web.Response:
        plugged = _is_on(await _body(request), "plugged")
        if self._adapter is None:
            raise ConfigError("this room has no adapter to pull")
        if plugged != self._adapter.is_plugged:
            (self._adapter.plug if plugged else self._adapter.unplug)()
        return await self._get_room(request)

    async def _get_scenarios(self, _: web.Request) -> web.Response:
        return web.json_response({"scenarios": documents.scenario_documents()})

    async def _post_play(self, request: web.Request) -> web.Response:
        self._service.play(request.match_info["name"])
        return await self._get_room(request)

    async def _post_scenario(self, request: web.Request) -> web.Response:
        body = await _body(request)
        name, text = body.get("name"), body.get("toml")
        if not isinstance(name, str) or not isinstance(text, str | None):
            raise ConfigError("name: a scenario's name is needed, and its text as toml unless it is a built-in one")
        if text is None:
            self._service.play(name)
        else:
            self._service.play_text(name, text)
        return await self._get_room(request)

    async def _delete_scenario(self, request: web.Request) -> web.Response:
        self._service.room.player.stop()
        return await self._get_room(request)

    async def _get_inbox(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 15:
            raise ConfigError(f"after = {after[:20]!r}: the number of an arrival, or 0 for all")
        return web.json_response(self._reception.document(int(after)))

    async def _delete_inbox(self, _: web.Request) -> web.Response:
        self._reception.clear()
        return web.json_response(self._reception.document())

    async def _get_clock(self, request: web.Request) -> web.Response:
        after = request.query.get("after")
        if after is not None and after == str(self._service.clock.version):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT_S):
                    while after == str(self._service.clock.version) and not self._is_closing:
                        await self._turned.wait()
        now = self._service.clock.tuple
        document = {"s0": now.s0, "m0": now.m0, "factor": now.factor, "version": self._service.clock.version}
        return web.json_response(document)


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ConfigError as error:
        return _problem(422, "Not possible", str(error))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _problem(error.status, error.reason, error.text or error.reason)


def _problem(status: int, title: str, detail: str) -> web.Response:
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return web.json_response(document, status=status, content_type="application/problem+json")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(body, dict):
        raise ConfigError("the body must be a JSON object")
    return body


def _is_on(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise ConfigError(f"{name}: true or false is needed, as {{{json.dumps(name)}: true}}")
    return value


def _number(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{name}: a number is needed, as {{{json.dumps(name)}: 1}}")
    return float(value)
