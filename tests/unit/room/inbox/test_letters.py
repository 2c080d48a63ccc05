"""What each receiver makes of what it is given; no sockets."""

import json
from email.message import EmailMessage

import pytest

from webmanager.notify.rccmd_sentence import PREFIX, receipt
from webmanager.room.inbox.arrivals import Channel, Conduct, Letter
from webmanager.room.inbox.log_server import as_letter as of_log
from webmanager.room.inbox.log_server import frames
from webmanager.room.inbox.mail import read_mail
from webmanager.room.inbox.rccmd import RccmdServers
from webmanager.room.inbox.trap_bytes import TRAP_OID, Notification
from webmanager.room.inbox.trap_receiver import as_letter as of_trap
from webmanager.room.inbox.web_hook import as_letter as of_web

ELEMENT = '[event@32473 id="1" text="a \\"]\\" b"]'
LINE = f"<129>1 2026-11-26T12:00:00Z host webmanager - module_lost {ELEMENT} \ufeffS1-5 is lost"


class Notes:
    """Takes what receivers hand in."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.no: list[Channel] = []
        self.odd: list[Channel] = []

    def take(self, letter: Letter) -> None:
        self.letters.append(letter)

    def refused(self, channel: Channel) -> None:
        self.no.append(channel)

    def unreadable(self, channel: Channel) -> None:
        self.odd.append(channel)


def mail(**parts: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = parts.get("subject", "[Battery room] ALARM: S1-5 fällt aus")
    made.set_content(parts.get("text", "S1-5 fällt aus\n"))
    return made


def test_a_mail_with_a_picture() -> None:
    made = mail()
    made.add_alternative("<p>html</p>", subtype="html")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="trend.png")
    letter = read_mail(made.as_bytes(), "battery@example.com")
    assert letter == Letter(
        Channel.MAIL, "battery@example.com", "[Battery room] ALARM: S1-5 fällt aus", "S1-5 fällt aus", True
    )


def test_a_mail_without_one() -> None:
    assert not read_mail(mail().as_bytes(), "").has_picture


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff", b"Subject: x\r\nContent-Type: text/plain; charset=nowhere\r\n\r\nhello"],
)
def test_what_is_hardly_a_mail_is_still_kept(content: bytes) -> None:
    assert read_mail(content, "x").channel is Channel.MAIL


def test_a_line_of_syslog() -> None:
    letter = of_log(LINE, "127.0.0.1 (UDP)")
    assert letter == Letter(Channel.SYSLOG, "127.0.0.1 (UDP)", "alert: S1-5 is lost", LINE)
    without_text = of_log("<134>1 - - - - login -", "x")
    assert without_text is not None
    assert without_text.subject == "info: login"


@pytest.mark.parametrize(
    "line", ["", "hello", "<34>Oct 11 22:14:15 host su: old", "<999>1 - - - - - - x", "<1>1 - - - -"]
)
def test_what_is_not_of_rfc_5424(line: str) -> None:
    assert of_log(line, "x") is None


def test_frames_of_a_stream_in_both_ways() -> None:
    assert frames(b"5 hello3 abc", is_end=False) == ([b"hello", b"abc"], b"")
    assert frames(b"5 hel", is_end=False) == ([], b"5 hel")
    assert frames(b"<1>1 a\n<1>1 b", is_end=False) == ([b"<1>1 a"], b"<1>1 b")
    assert frames(b"<1>1 a\n<1>1 b", is_end=True) == ([b"<1>1 a", b"<1>1 b"], b"")
    assert frames(b"\n\n", is_end=False) == ([], b"")
    for endless in (b"9999 x", b"x" * 9000):
        with pytest.raises(ValueError, match="too long"):
            frames(endless, is_end=False)


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("MSG_TEXT ALARM module lost on BATTERY: S1-5", "ALARM module lost on BATTERY: S1-5"),
        (
            "MSG_TEXT Powerfail on BATTERY: Autonomietime 12.00 min.",
            "Shut down: power failure on BATTERY, 12 min left",
        ),
        ("MSG_TEXT Powerfail on BATTERY: restored.", "Power restored on BATTERY"),
        ("MSG_COMMAND shutdown", "Run: shutdown"),
    ],
)
def test_sentences_of_rccmd(sentence: str, subject: str) -> None:
    notes = Notes()
    servers = RccmdServers(Conduct(), notes)
    assert servers.answer_to(PREFIX + sentence, "x") == receipt(PREFIX + sentence)
    assert notes.letters == [Letter(Channel.RCCMD, "x", subject, PREFIX + sentence)]


def test_rccmd_says_no_and_what_it_does_not_know() -> None:
    notes, conduct = Notes(), Conduct(refuses=True)
    servers = RccmdServers(conduct, notes)
    assert servers.answer_to(f"{PREFIX}MSG_TEXT x", "x").startswith("RCCMD REFUSED")
    assert servers.answer_to("hello", "x").startswith("RCCMD REFUSED")
    assert (notes.letters, notes.no, notes.odd) == ([], [Channel.RCCMD], [Channel.RCCMD])
    conduct.refuses = False
    servers.hear(f"{PREFIX}MSG_TEXT x\n".encode(), ("127.0.0.1", 1))
    conduct.is_dead = True
    servers.hear(f"{PREFIX}MSG_TEXT y\n".encode(), ("127.0.0.1", 1))
    assert [letter.subject for letter in notes.letters] == ["x"]


def test_a_notification_in_words() -> None:
    ours = ((TRAP_OID, "1.3.6.1.2.1.33.5.3.0.1"), ("1.3.6.1.2.1.33.5.3.1.6.0", "S1-5 is lost"))
    letter = of_trap(Notification(b"public", True, b"", b"", ours), "127.0.0.1")
    assert (letter.sender, letter.subject) == ("127.0.0.1 (inform)", "raised: S1-5 is lost")
    assert letter.text.splitlines() == [
        f"{TRAP_OID} = 1.3.6.1.2.1.33.5.3.0.1",
        "1.3.6.1.2.1.33.5.3.1.6.0 = S1-5 is lost",
    ]
    other = of_trap(Notification(b"public", False, b"", b"", ((TRAP_OID, "1.3.6.1.4.1.1"),)), "127.0.0.1")
    assert (other.sender, other.subject) == ("127.0.0.1 (trap)", "1.3.6.1.4.1.1")


def test_json_of_a_webhook() -> None:
    letter = of_web(json.dumps({"text": "S1-5 is lost", "events": []}).encode(), "127.0.0.1")
    assert letter is not None
    assert (letter.subject, letter.text) == ("S1-5 is lost", '{\n  "text": "S1-5 is lost",\n  "events": []\n}')
    assert of_web(b"{}", "x") is not None
    for wrong in (b"", b"[1]", b"nonsense", b"[" * 100_000, b"\xff"):
        assert of_web(wrong, "x") is None
