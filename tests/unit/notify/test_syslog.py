import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from fakes.events import cleared, event, message
from fakes.tls import Authority
from webmanager.domain.errors import DeliveryError
from webmanager.domain.events import Source
from webmanager.notify.message import Device
from webmanager.notify.syslog import BOM, Record, SyslogNotifier, record
from webmanager.settings.destinations_model import SyslogReceiver

CELLAR = Device("Cellar")
HOST = "mymachine.example.com"
RFC_AT = datetime(2003, 10, 11, 22, 14, 15, 3000, UTC)
SD = ("exampleSDID@32473", {"iut": "3", "eventSource": "Application", "eventID": "1011"})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            Record(4, 2, RFC_AT, HOST, "su", "", "ID47", (), "'su root' failed for lonvick on /dev/pts/8"),
            b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - "
            + BOM
            + b"'su root' failed for lonvick on /dev/pts/8",
        ),
        (
            Record(
                20, 5,
                datetime(2003, 8, 24, 5, 14, 15, 3, timezone(timedelta(hours=-7))),
                "192.0.2.1", "myproc", "8710", "", (), "%% It's time to make the do-nuts.", is_utf8=False,
            ),
            b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
        ),
        (
            Record(20, 5, RFC_AT, HOST, "evntslog", "", "ID47", (SD,), "An application event log entry..."),
            b'<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" '
            b'eventSource="Application" eventID="1011"] ' + BOM + b"An application event log entry...",
        ),
        (
            Record(
                20, 5, RFC_AT, "mymachine.example.com", "evntslog", "", "ID47",
                (SD, ("examplePriority@32473", {"class": "high"})),
            ),
            b'<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" '
            b'eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]',
        ),
    ],
    ids=["example 1", "example 2", "example 3", "example 4"],
)  # fmt: skip
def test_the_examples_of_rfc_5424_section_6_5(line: Record, expected: bytes) -> None:
    assert line.to_bytes() == expected


def test_nothing_known_is_nil() -> None:
    assert Record(0, 0, None).to_bytes() == b"<0>1 - - - - - -"


def test_quotes_brackets_and_backslashes_in_values_are_escaped() -> None:
    line = Record(16, 1, None, elements=(("e@32473", {"v": 'a"b\\c]d'}),)).to_bytes()
    assert line.endswith(rb'[e@32473 v="a\"b\\c\]d"]')


def test_names_lose_what_is_not_printable_and_have_a_limit() -> None:
    line = Record(16, 1, None, host="a b\u00e4\n" + "c" * 300, app="x" * 60).to_bytes()
    _, _, host, app, *_ = line.split(b" ")
    assert (len(host), len(app), host[:3]) == (255, 48, b"abc")


def test_an_event_is_a_line_with_its_parts() -> None:
    line = record(event(source=Source('battery "S3-17"')), "", CELLAR, "host", 16).to_bytes().decode("utf-8")
    assert line == (
        "<129>1 2023-11-14T22:13:20.000Z host webmanager - voltage_high "
        '[event@32473 device="Cellar" id="1" kind="voltage_high" change="raised" severity="alarm" '
        'source="battery \\"S3-17\\"" alarm="7" value="14.52" limit="14.4" unit="V"] '
        "\ufeffBattery S3-17: 14.52 V is above 14.40 V."
    )


def test_an_all_clear_is_a_notice_and_a_text_is_one_line() -> None:
    assert record(cleared(event()), "", CELLAR, "h", 16).severity == 5
    assert record(event(), "a\nb", CELLAR, "h", 16).text == "a b"


class Collector(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.got.put_nowait(data)


def notifier(port: int, **parts: object) -> SyslogNotifier:
    settings = SyslogReceiver.model_validate({"name": "log", "host": "127.0.0.1", "port": port, **parts})
    return SyslogNotifier(settings, lambda: CELLAR)


async def test_over_udp_each_event_is_a_datagram() -> None:
    loop = asyncio.get_running_loop()
    transport, collector = await loop.create_datagram_endpoint(Collector, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    proof = await notifier(port).send(message(events=(event(1), event(2))))
    lines = [await asyncio.wait_for(collector.got.get(), 5) for _ in range(2)]
    transport.close()
    assert [b'id="1"' in lines[0], b'id="2"' in lines[1]] == [True, True]
    assert proof == f"{len(lines[1])} bytes sent to 127.0.0.1:{port} by UDP, which knows no answer"


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_over_a_stream_octets_are_counted_and_acknowledged(transport: str, authority: Authority) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.put_nowait(await reader.read())
        writer.close()

    context = authority.server_context() if transport == "tls" else None
    async with await asyncio.start_server(collect, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        one = notifier(port, transport=transport, ca_file=str(authority.ca_file) if context else "")
        proof = await one.send(message(events=(event(1), event(2))))
        data = await asyncio.wait_for(got.get(), 5)
    size, _, rest = data.partition(b" ")
    first, second = rest[: int(size)], rest[int(size) :]
    assert first.startswith(b"<129>1 ")
    assert second.partition(b" ")[2].startswith(b"<129>1 ")
    assert proof == f"{len(data)} bytes acknowledged by 127.0.0.1:{port}"


async def test_nobody_listens() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    with pytest.raises(DeliveryError, match=str(port)):
        await notifier(port, transport="tcp").send(message())
