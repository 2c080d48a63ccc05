"""Modbus inside TLS: real handshakes, with and without certificates of clients."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from fakes.modbus_client import frame
from fakes.tls import Authority
from webmanager.domain.errors import ConfigError
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.registers import REGISTERS
from webmanager.modbus.server import ModbusTcp, TcpOptions
from webmanager.modbus.tls import server_context

READ, GOOD = frame("03 03E8 0001"), bytes.fromhex("0001 0000 0005 01 03 02 5A5A")


@asynccontextmanager
async def server_with(context: ssl.SSLContext) -> AsyncIterator[ModbusTcp]:
    server = ModbusTcp(ModbusDevice(lambda: b"\x5a" * 2 * REGISTERS), TcpOptions(port=0, tls=context))
    await server.start()
    yield server
    await server.close()


async def ask(port: int, context: ssl.SSLContext, requests: bytes = READ, answers: int = 1) -> bytes:
    async with asyncio.timeout(10.0):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        try:
            writer.write(requests)
            return await reader.readexactly(len(GOOD) * answers)
        finally:
            writer.transport.abort()


async def test_requests_are_answered_inside_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.ca_file)
    async with server_with(server_context(str(authority.certificate), str(authority.key))) as server:
        assert await ask(server.port, trusting) == GOOD
        assert await ask(server.port, trusting, READ * 50, 50) == GOOD * 50
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(server.port, ssl.create_default_context())
        assert server.counts.accepted == 2


async def test_a_plain_client_gets_nothing_and_harms_nobody(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.ca_file)
    async with server_with(server_context(str(authority.certificate), str(authority.key))) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(READ)
        async with asyncio.timeout(10.0):
            assert GOOD not in await reader.read()
        writer.close()
        assert await ask(server.port, trusting) == GOOD
        assert server.device.counts.requests == 1


async def test_who_must_show_a_certificate_and_does_not_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    clients = trustme.CA()
    clients.cert_pem.write_to_path(tmp_path / "clients.pem")
    context = server_context(str(authority.certificate), str(authority.key), str(tmp_path / "clients.pem"))
    known, unknown, stranger = (ssl.create_default_context(cafile=authority.ca_file) for _ in range(3))
    clients.issue_cert("scada.example").configure_cert(known)
    trustme.CA().issue_cert("scada.example").configure_cert(stranger)
    async with server_with(context) as server:
        assert await ask(server.port, known) == GOOD
        for refused in (unknown, stranger):
            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await ask(server.port, refused)
        assert server.device.counts.requests == 1


async def test_versions_older_than_1_2_are_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    assert server_context(str(authority.certificate), str(authority.key)).minimum_version is ssl.TLSVersion.TLSv1_2


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = str(authority.certificate), str(authority.key)
    with pytest.raises(ConfigError, match="tls_certificate and tls_key"):
        server_context("", key)
    with pytest.raises(ConfigError, match=r"missing\.pem with .*server\.key is no certificate"):
        server_context(str(tmp_path / "missing.pem"), key)
    with pytest.raises(ConfigError, match="no certificate with its key"):
        server_context(certificate, certificate)
    with pytest.raises(ConfigError, match=r"server\.key is no certificate authority"):
        server_context(certificate, key, key)
