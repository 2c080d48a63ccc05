"""The index of releases: a JSON file at a web address, and the packages beside it. No redirects, everything bounded."""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from webmanager.domain.addresses import is_literal, require_outside
from webmanager.domain.errors import DeliveryError
from webmanager.engine.update_ports import Release
from webmanager.settings.update_model import UpdateSettings
from webmanager.update.package import LARGEST_BYTES, is_newer

LARGEST_INDEX = 256 * 1024
MOST_RELEASES = 200
LONGEST_NOTES = 2000
INDEX_S, PACKAGE_S, SILENCE_S = 15.0, 600.0, 15.0
_WHEEL = re.compile(r"webmanager-[0-9.]{1,40}-py3-none-any\.whl")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
_CHUNK = 65536


async def newest(settings: UpdateSettings, running: str) -> Release | None:
    """The newest release beyond the running one; DeliveryError if the index cannot be had or read."""
    text = bytearray()
    async with _answer(settings, settings.index_url, INDEX_S) as answer:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            text += chunk
            if len(text) > LARGEST_INDEX:
                raise DeliveryError(f"the index is longer than {LARGEST_INDEX} bytes")
    releases = [release for release in read_index(bytes(text)) if is_newer(release.version, running)]
    found: Release | None = None
    for release in releases:
        if found is None or is_newer(release.version, found.version):
            found = release
    return found


async def download(settings: UpdateSettings, release: Release, path: Path) -> None:
    """Writes the package to a file; DeliveryError if it cannot be had, is too long or ends early."""
    address = urljoin(settings.index_url, release.wheel)
    received = 0
    async with _answer(settings, address, PACKAGE_S) as answer:
        with path.open("wb") as file:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                received += len(chunk)
                if received > min(release.bytes, LARGEST_BYTES):
                    raise DeliveryError("the package is longer than the index says")
                await asyncio.to_thread(file.write, chunk)
    if received != release.bytes:
        raise DeliveryError(f"the package ended after {received} of {release.bytes} bytes")


def read_index(text: bytes) -> list[Release]:
    """The releases of an index; DeliveryError if it is none. What is not understood in one is left out."""
    try:
        document = json.loads(text)
        rows = document["releases"]
        if not isinstance(rows, list):
            raise TypeError("releases is no list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeliveryError(f"the index is not understood: {str(error)[:80]}") from None
    releases = (_release(row) for row in rows[:MOST_RELEASES])
    return [release for release in releases if release is not None]


def _release(row: object) -> Release | None:
    if not isinstance(row, dict):
        return None
    version, wheel, size, signature = (row.get(key) for key in ("version", "wheel", "bytes", "signature"))
    if not isinstance(version, str) or not isinstance(wheel, str) or not isinstance(signature, str):
        return None
    fits = _WHEEL.fullmatch(wheel) and wheel == f"webmanager-{version}-py3-none-any.whl"
    if not fits or type(size) is not int or not 0 < size <= LARGEST_BYTES or not _SIGNATURE.fullmatch(signature):
        return None
    return Release(version, wheel, size, signature, str(row.get("notes", ""))[:LONGEST_NOTES])


@asynccontextmanager
async def _answer(settings: UpdateSettings, address: str, longest_s: float) -> AsyncIterator[aiohttp.ClientResponse]:
    host = urlsplit(address).hostname or ""
    if not settings.allow_local and is_literal(host):
        require_outside(host)
    resolver: AbstractResolver = ThreadedResolver() if settings.allow_local else _OutsideResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=_context(settings), use_dns_cache=False, force_close=True)
    limits = aiohttp.ClientTimeout(total=longest_s, connect=SILENCE_S, sock_read=SILENCE_S)
    jar = aiohttp.DummyCookieJar()
    try:
        async with (
            aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=jar, timeout=limits) as session,
            session.get(address, allow_redirects=False, headers={"User-Agent": "webmanager"}) as answer,
        ):
            if answer.status != 200:
                raise DeliveryError(f"{host} answers with HTTP {answer.status}")
            yield answer
    except TimeoutError:
        raise DeliveryError(f"{host} does not answer in time") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise DeliveryError(f"{host} cannot be reached: {str(error)[:120] or type(error).__name__}") from None


def _context(settings: UpdateSettings) -> ssl.SSLContext | bool:
    if not settings.ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise DeliveryError(f"{settings.ca_file}: cannot be used as certificate authority: {error}") from None


class _OutsideResolver(AbstractResolver):
    """Lets no address of this host or its own link through, whatever the name server says."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        for *_, address in found:
            require_outside(str(address[0]))
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
