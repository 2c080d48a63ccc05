import asyncio
from dataclasses import replace

import pytest

from fakes.events import AT, event, message
from fakes.smtp import mail_server
from fakes.tls import Authority
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.events import Delivery, Source
from webmanager.engine.clock import ManualClock
from webmanager.engine.dispatch import Destination, Dispatcher, Policy
from webmanager.engine.notify_ports import Curve
from webmanager.notify.mail import MailNotifier
from webmanager.notify.message import Device
from webmanager.settings.destinations_model import MailReceiver

CELLAR = Device("Cellar", "Building 4", "0.1.0")


def settings(port: int, **parts: object) -> MailReceiver:
    given: dict[str, object] = {
        "name": "mail",
        "server": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "device@example.org",
        "to": ("a@example.org",),
        "timeout_s": 10.0,
    }
    return MailReceiver.model_validate({**given, **parts})


def notifier(port: int, **parts: object) -> MailNotifier:
    return MailNotifier(settings(port, **parts), lambda: CELLAR)


class DayTrend:
    """A curve of the last 24 h for any question."""

    async def last_day(self, source: Source, kind: str, until: float) -> Curve:
        times = [until - 3600.0 * hour for hour in range(24, -1, -1)]
        return Curve("Voltage of battery S3-17", "V", times, [13.5 + 0.01 * hour for hour in range(25)])


class BrokenTrend:
    async def last_day(self, source: Source, kind: str, until: float) -> Curve:
        raise OSError("the store is gone")


async def test_the_proof_is_what_the_server_said() -> None:
    async with mail_server() as server:
        assert await notifier(server.port).send(message()) == "250 queued as 1"
        assert server.accepted[0].mail_from == "device@example.org"
        assert server.accepted[0].rcpt_tos == ["a@example.org"]


async def test_starttls_with_login(authority: Authority) -> None:
    async with mail_server(authority, login=True) as server:
        parts = {"security": "starttls", "ca_file": str(authority.ca_file), "user": "cellar", "password": "s3cret"}
        assert await notifier(server.port, **parts).send(message()) == "250 queued as 1"
        assert server.logins == [(b"cellar", b"s3cret")]


async def test_tls_from_the_first_byte(authority: Authority) -> None:
    async with mail_server(authority, implicit_tls=True) as server:
        assert await notifier(server.port, security="tls", ca_file=str(authority.ca_file)).send(message())
        assert len(server.accepted) == 1


async def test_a_wrong_password_is_named_and_nothing_is_sent(authority: Authority) -> None:
    async with mail_server(authority, login=True) as server:
        parts = {"security": "starttls", "ca_file": str(authority.ca_file), "user": "cellar", "password": "wrong"}
        with pytest.raises(DeliveryError, match="535"):
            await notifier(server.port, **parts).send(message())
        assert server.accepted == []


async def test_a_certificate_nobody_vouches_for_is_no_way(authority: Authority) -> None:
    async with mail_server(authority, login=True) as server:
        parts = {"security": "starttls", "user": "cellar", "password": "s3cret"}
        with pytest.raises(DeliveryError, match=r"(?i)certificate"):
            await notifier(server.port, **parts).send(message())
        assert server.logins == []


async def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    async with mail_server() as server:
        with pytest.raises(DeliveryError):
            await notifier(server.port, security="starttls", user="cellar", password="s3cret").send(message())
        assert (server.logins, server.accepted) == ([], [])


async def test_an_authority_that_cannot_be_read_is_named() -> None:
    async with mail_server() as server:
        with pytest.raises(DeliveryError, match=r"/nowhere/ca\.pem"):
            await notifier(server.port, security="starttls", ca_file="/nowhere/ca.pem").send(message())


async def test_nobody_there() -> None:
    async with mail_server() as server:
        port = server.port
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1"):
        await notifier(port).send(message())


async def test_a_refused_receiver_is_told_and_the_others_have_it() -> None:
    async with mail_server() as server:
        server.refusals["b@example.org"] = ["550 no such user"]
        both = notifier(server.port, to=("a@example.org", "b@example.org"))
        with pytest.raises(RefusedError) as caught:
            await both.send(message())
        assert str(caught.value) == "b@example.org: 550 no such user; delivered to a@example.org: 250 queued as 1"
        assert [envelope.rcpt_tos for envelope in server.accepted] == [["a@example.org"]]


async def test_a_receiver_put_off_gets_it_at_the_next_try_and_the_other_not_twice() -> None:
    async with mail_server() as server:
        server.refusals["b@example.org"] = ["450 come back later"]
        both = notifier(server.port, to=("a@example.org", "b@example.org"))
        with pytest.raises(DeliveryError, match="450 come back later"):
            await both.send(message())
        proof = await both.send(message())
        assert proof == "a@example.org: 250 queued as 1; b@example.org: 250 queued as 2"
        assert [envelope.rcpt_tos for envelope in server.accepted] == [["a@example.org"], ["b@example.org"]]


async def test_all_refused_is_final_and_all_put_off_is_not() -> None:
    async with mail_server() as server:
        server.refusals["a@example.org"] = ["451 later", "550 never"]
        one = notifier(server.port)
        with pytest.raises(DeliveryError, match="451 later"):
            await one.send(message())
        with pytest.raises(RefusedError, match="550 never"):
            await one.send(message())
        assert server.accepted == []


@pytest.mark.parametrize(("answer", "kind"), [("554 spam", RefusedError), ("452 disk full", DeliveryError)])
async def test_the_server_does_not_like_the_text(answer: str, kind: type[DeliveryError]) -> None:
    async with mail_server() as server:
        server.at_data = [answer]
        with pytest.raises(DeliveryError, match=answer) as caught:
            await notifier(server.port).send(message())
        assert type(caught.value) is kind


async def carried(notifier: MailNotifier, **policy: float) -> list[Delivery]:
    """What the dispatcher makes of one message, with pauses too short to wait for."""
    reports: list[Delivery] = []
    patience = {"first_pause_s": 0.001, "attempts": 4, "timeout_s": 10.0, **policy}
    destination = Destination("mail", notifier, Policy(**patience))  # type: ignore[arg-type]
    dispatcher = Dispatcher([destination], reports.append, ManualClock())
    dispatcher.submit(message())
    task = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(20):
        while not reports:
            await asyncio.sleep(0.002)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return reports


async def test_a_connection_dropped_after_data_is_tried_again_under_the_same_message_id() -> None:
    async with mail_server() as server:
        server.at_data = ["drop", "drop"]
        (report,) = await carried(notifier(server.port))
        assert (report.result, report.attempts) == ("delivered", 3)
        assert (server.tries, len(server.accepted)) == (3, 1)


async def test_a_server_that_always_drops_ends_as_failed() -> None:
    async with mail_server() as server:
        server.at_data = ["drop"] * 9
        (report,) = await carried(notifier(server.port))
        assert (report.result, report.attempts, server.accepted) == ("failed", 4, [])
        assert report.proof


async def test_a_slow_server_is_left_and_reported() -> None:
    async with mail_server() as server:
        server.at_data = ["slow"] * 9
        (report,) = await carried(notifier(server.port), timeout_s=0.1, attempts=2)
        assert (report.result, report.proof) == ("failed", "no answer within 0.1 s")


async def test_text_html_and_picture_arrive_as_they_were_meant() -> None:
    async with mail_server() as server:
        mailer = MailNotifier(settings(server.port, picture=True), lambda: CELLAR, DayTrend())
        await mailer.send(message(events=(event(text="Batterie S3-17: 14,5 V – zu hoch ×2"),)))
        (mail,) = server.mails
    assert mail["Subject"] == "[Cellar] ALARM: Batterie S3-17: 14,5 V – zu hoch ×2"
    assert mail["From"] == "Cellar <device@example.org>"
    assert mail["Date"].datetime.timestamp() == AT
    text, related = mail.iter_parts()
    html, picture = related.iter_parts()
    assert "14,5 V – zu hoch ×2" in text.get_content()
    assert "the last 24 hours: 13.5 V to 13.74 V" in text.get_content()
    assert 'src="cid:trend"' in html.get_content()
    assert (picture.get_content_type(), picture["Content-ID"]) == ("image/png", "<trend>")
    assert picture.get_content().startswith(b"\x89PNG")
    assert len(server.accepted[0].content or b"") < 20_000


async def test_a_broken_store_costs_the_picture_and_not_the_mail() -> None:
    async with mail_server() as server:
        await MailNotifier(settings(server.port), lambda: CELLAR, BrokenTrend()).send(message())
        assert not any(part.get_content_type() == "image/png" for part in server.mails[0].walk())


async def test_no_text_can_add_a_header_or_a_receiver() -> None:
    evil = "ALARM\r\nBcc: thief@example.org\r\n\r\nmy own body\u2028X\x00"
    async with mail_server() as server:
        mailer = MailNotifier(settings(server.port), lambda: replace(CELLAR, name=evil))
        await mailer.send(message(subject=evil, events=(event(text=evil, source=Source(evil)),)))
        await mailer.send(message(2, events=(event(2, text=evil),)))
        for envelope, mail in zip(server.accepted, server.mails, strict=True):
            assert envelope.rcpt_tos == ["a@example.org"]
            assert mail["Bcc"] is None
            assert set(mail.keys()) == {
                "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
            }  # fmt: skip


async def test_a_message_keeps_its_id_over_tries_and_two_messages_have_two() -> None:
    async with mail_server() as server:
        mailer = notifier(server.port)
        for number in (1, 1, 2):
            await mailer.send(message(number))
        first, again, other = (mail["Message-ID"] for mail in server.mails)
    assert first == again != other
    assert first.endswith("@example.org>")
