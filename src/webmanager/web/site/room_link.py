"""The control socket of the room: HTTP and JSON on a Unix socket or TCP."""

import asyncio
import json
from typing import Any

import aiohttp

from webmanager.domain.errors import ConfigError
from webmanager.web.http.problem import Problem

Json = dict[str, Any] | list[Any] | None


class RoomControl:
    """A client of the room's control interface; `where` is `unix:PATH` or `HOST:PORT`."""

    def __init__(self, where: str, *, timeout_s: float = 5.0, longest_answer: int = 4 * 1024 * 1024) -> None:
        self._where = where
        self._timeout_s = timeout_s
        self._longest = longest_answer
        self._base = "http://room"
        if not where.startswith("unix:"):
            host, _, port = where.rpartition(":")
            if not host or not port.isdigit():
                raise ConfigError(f"room control {where!r} is not understood: unix:PATH or HOST:PORT")
            self._base = f"http://{where}"
        self._client: aiohttp.ClientSession | None = None

    async def call(
        self, method: str, path: str, body: object = None, *, timeout_s: float | None = None
    ) -> tuple[int, Json]:
        """Status and JSON of one request; Problem 502 when the room is gone, 504 when it does not answer in time."""
        limit = aiohttp.ClientTimeout(total=timeout_s or self._timeout_s)
        try:
            async with self._session().request(method, self._base + path, timeout=limit, json=body) as answer:
                text = await self._read(answer)
                return answer.status, json.loads(text) if text else None
        except TimeoutError:
            raise Problem(504, "the simulated room does not answer in time") from None
        except (aiohttp.ClientError, OSError):
            raise Problem(502, "the simulated room cannot be reached: its process may have ended") from None
        except ValueError:
            raise Problem(502, "the simulated room gave an answer that is not JSON") from None

    async def clock(self, after: int | None, *, timeout_s: float = 30.0) -> dict[str, Any]:
        """The room's clock tuple {s0, m0, factor, version}; with `after`, waits until the version differs."""
        path = "/clock" if after is None else f"/clock?after={after}"
        status, answer = await self.call("GET", path, timeout_s=timeout_s)
        if status != 200 or not isinstance(answer, dict):
            raise Problem(502, f"the simulated room does not tell its clock (status {status})")
        return answer

    async def close(self) -> None:
        """Closes what is open."""
        if self._client is not None:
            await self._client.close()
            await asyncio.sleep(0)
            self._client = None

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        text = bytearray()
        async for part in answer.content.iter_any():
            text += part
            if len(text) > self._longest:
                raise Problem(502, f"the simulated room answers with more than {self._longest} bytes")
        return bytes(text)

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            path = self._where.removeprefix("unix:")
            connector: aiohttp.BaseConnector = (
                aiohttp.UnixConnector(path=path, limit=16)
                if self._where.startswith("unix:")
                else aiohttp.TCPConnector(limit=16)
            )
            self._client = aiohttp.ClientSession(connector=connector, trust_env=False)
        return self._client
