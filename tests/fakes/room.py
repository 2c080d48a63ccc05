"""A room's control interface as the device sees it: HTTP and JSON, nothing behind it."""

from typing import Any

from aiohttp import web

KINDS = [
    {
        "kind": "soft_short",
        "title": "Soft short",
        "target": "address",
        "default": 50,
        "unit": "mA",
        "help": "leak in one cell",
    },
    {
        "kind": "module_silent",
        "title": "Module silent",
        "target": "address",
        "default": None,
        "unit": "",
        "help": "does not answer",
    },
    {
        "kind": "bus_break",
        "title": "Bus cable open",
        "target": "address",
        "default": None,
        "unit": "",
        "help": "behind it",
    },
    {
        "kind": "current_sensor_silent",
        "title": "Current sensor silent",
        "target": "string",
        "default": None,
        "unit": "",
        "help": "",
    },
    {
        "kind": "bit_errors",
        "title": "Bit errors",
        "target": "address or bus",
        "default": 0.0001,
        "unit": "per bit",
        "help": "flipped bits",
    },
    {
        "kind": "receiver_dead",
        "title": "Receiver dead",
        "target": "channel",
        "default": None,
        "unit": "",
        "help": "its port is shut",
    },
    {
        "kind": "charger_overvoltage",
        "title": "Charger too high",
        "target": "charger",
        "default": 2.45,
        "unit": "V per cell",
        "help": "",
    },
]


CHANNELS = ("mail", "rccmd", "trap", "syslog", "webhook", "sms")


class FakeInbox:
    """What arrived, as the room tells it; `arrive` puts something there."""

    def __init__(self) -> None:
        self.arrivals: list[dict[str, Any]] = []
        self.deeds: list[dict[str, Any]] = []
        self.behaves: dict[str, str] = {}
        self.newest = 0
        self.is_on = True

    def arrive(self, channel: str, subject: str, **more: Any) -> dict[str, Any]:
        """One more arrival."""
        self.newest += 1
        arrival = {
            "number": self.newest,
            "channel": channel,
            "at": "2026-11-22T20:40:12.000Z",
            "from": "127.0.0.1",
            "subject": subject,
            "text": f"{subject}\nCheck the plug.",
            "picture": False,
            "cause": None,
        } | more
        self.arrivals.insert(0, arrival)
        return arrival

    def clear(self) -> None:
        """Forgets all."""
        self.arrivals.clear()

    def document(self, after: int = 0) -> dict[str, Any]:
        """The answer to GET /inbox."""
        return {
            "on": self.is_on,
            "time": "2026-11-22T20:40:42.000Z",
            "oldest": self.arrivals[-1]["number"] if self.arrivals else self.newest + 1,
            "newest": self.newest,
            "channels": [
                {
                    "channel": name,
                    "host": "127.0.0.1",
                    "port": 40_000 + number,
                    "behaves": self.behaves.get(name, "ok"),
                    "received": sum(one["channel"] == name for one in self.arrivals),
                    "refused": 0,
                    "unreadable": 0,
                }
                for number, name in enumerate(CHANNELS if self.is_on else ())
            ],
            "deeds": self.deeds,
            "arrivals": [one for one in self.arrivals if one["number"] > after],
        }


class FakeRoom:
    """Keeps what it is told; `calls` lists every request as (method, path, body)."""

    def __init__(self, strings: int = 8) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.mains, self.load_w, self.ambient_c, self.factor = True, 38_400.0, 23.0, 1.0
        self.faults: list[dict[str, Any]] = []
        self.strings = strings
        self.scenario: dict[str, Any] | None = None
        self.clock_version = 1
        self.is_gone = False
        self.inbox = FakeInbox()

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application()
        app.router.add_get("/clock", self._clock)
        app.router.add_get("/room", self._room)
        app.router.add_get("/faults", self._list)
        app.router.add_post("/faults", self._break)
        app.router.add_delete("/faults/{id}", self._repair)
        app.router.add_get("/inbox", self._inbox)
        app.router.add_delete("/inbox", self._empty)
        app.router.add_get("/scenarios", self._scenarios)
        app.router.add_post("/scenarios/{name}/play", self._play)
        app.router.add_delete("/scenario", self._stop)
        for name, key in (("mains", "on"), ("load", "watts"), ("speed", "factor"), ("ambient", "celsius")):
            app.router.add_post(f"/{name}", self._setter(name, key))
        return app

    def state(self) -> dict[str, Any]:
        """The answer to GET /room."""
        return {
            "factor_set": self.factor,
            "factor_reached": self.factor,
            "time": "2026-11-22T20:40:12Z",
            "seed": 1,
            "started_at": "2026-11-19T16:40:12Z",
            "mains": self.mains,
            "load_w": self.load_w,
            "ambient_c": self.ambient_c,
            "charger": {"voltage_v": 436.0, "current_a": 0.23, "mode": "float"},
            "bus_v": 436.0,
            "strings": [
                {"string": n, "current_a": 0.028 if self.mains else -12.4, "soc_lowest": 0.98, "hottest_c": 24.1}
                for n in range(1, self.strings + 1)
            ],
            "autonomy_min": 42,
            "faults": [dict(fault) for fault in self.faults],
            "kinds": KINDS,
            "scenario": self.scenario,
        }

    async def _record(self, request: web.Request) -> Any:
        body = await request.json() if request.can_read_body else None
        self.calls.append((request.method, request.path_qs, body))
        return body

    async def _clock(self, request: web.Request) -> web.Response:
        await self._record(request)
        return web.json_response({"s0": 1.7e9, "m0": 100.0, "factor": self.factor, "version": self.clock_version})

    async def _room(self, request: web.Request) -> web.Response:
        if self.is_gone and request.transport is not None:
            request.transport.abort()
        return web.json_response(self.state())

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self.faults})

    async def _break(self, request: web.Request) -> web.Response:
        body = await self._record(request)
        kind = next((kind for kind in KINDS if kind["kind"] == body["kind"]), None)
        if kind is None:
            allowed = [kind["kind"] for kind in KINDS]
            return web.json_response({"detail": f"unknown kind {body['kind']}", "allowed": allowed}, status=422)
        target = body.get("address") or body.get("string") or body.get("channel") or body.get("target") or "bus"
        where = f"S{(target - 1) // 32 + 1}-{(target - 1) % 32 + 1}" if "address" in body else str(target)
        fault = {
            "id": f"f{len(self.calls)}",
            "kind": kind["kind"],
            "title": kind["title"],
            "where": where,
            "target": target,
            "value": body.get("value", kind["default"]),
            "unit": kind["unit"],
            "since": "2026-11-22T20:40:12Z",
        } | {name: body[name] for name in ("address", "string", "channel") if name in body}
        self.faults.append(fault)
        return web.json_response(fault, status=201)

    async def _repair(self, request: web.Request) -> web.Response:
        await self._record(request)
        before = len(self.faults)
        self.faults = [fault for fault in self.faults if fault["id"] != request.match_info["id"]]
        if len(self.faults) == before:
            return web.json_response({"detail": "there is no such fault"}, status=404)
        return web.json_response({"id": request.match_info["id"]})

    async def _inbox(self, request: web.Request) -> web.Response:
        await self._record(request)
        after = request.query.get("after", "0")
        if not after.isdigit():
            return web.json_response({"detail": f"after = {after!r}: the number of an arrival"}, status=422)
        return web.json_response(self.inbox.document(int(after)))

    async def _empty(self, request: web.Request) -> web.Response:
        await self._record(request)
        self.inbox.clear()
        return web.json_response(self.inbox.document())

    async def _scenarios(self, request: web.Request) -> web.Response:
        listed = [
            {"name": "monthly_test", "title": "Monthly discharge test", "text": "mains off for 20 min at 38 kW"},
            {"name": "summer", "title": "Summer without cooling", "text": "ambient 23 to 41 °C in 6 h"},
        ]
        return web.json_response({"scenarios": listed})

    async def _play(self, request: web.Request) -> web.Response:
        await self._record(request)
        self.scenario = {"name": request.match_info["name"], "running": True, "progress": 0.2}
        return web.json_response(self.scenario)

    async def _stop(self, request: web.Request) -> web.Response:
        await self._record(request)
        self.scenario = None
        return web.Response(status=204)

    def _setter(self, name: str, key: str) -> Any:
        field = {"mains": "mains", "load": "load_w", "speed": "factor", "ambient": "ambient_c"}[name]

        async def handle(request: web.Request) -> web.Response:
            body = await self._record(request)
            setattr(self, field, body[key])
            return web.json_response({key: body[key]})

        return handle
