from webmanager.notify.sms_pdu import submit
from webmanager.room.inbox.arrivals import Channel, Conduct, Letter
from webmanager.room.modem import Modem
from webmanager.room.phone import MOST_UNFINISHED, Phone
from webmanager.room.sms_submit import SentText


class Notes:
    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.no = 0

    def take(self, letter: Letter) -> None:
        self.letters.append(letter)

    def refused(self, channel: Channel) -> None:
        self.no += channel is Channel.SMS

    def unreadable(self, channel: Channel) -> None:
        raise AssertionError(channel)


def sent(modem: Modem, text: str) -> list[bytes]:
    """What a modem says to each part of a text."""
    modem.hear(b"ATE0\r")
    answers = []
    for pdu in submit("+447700900123", text, 9):
        modem.hear(b"AT+CMGS=%d\r" % pdu.length)
        answers.append(modem.hear(pdu.text.encode() + b"\x1a"))
    return answers


def test_a_text_and_a_long_one_arrive_whole() -> None:
    modem, notes = Modem(), Notes()
    Phone(modem, Conduct(), notes)
    long = "S1-5 does not answer. " * 12
    sent(modem, "S1-5 does not answer")
    assert len(sent(modem, long)) == 2
    assert notes.letters == [
        Letter(Channel.SMS, "to +447700900123", text, text) for text in ("S1-5 does not answer", long)
    ]


def test_parts_in_any_order_and_never_without_end() -> None:
    notes = Notes()
    phone = Phone(Modem(), Conduct(), notes)
    phone.ring(SentText("+1", "b", (1, 2, 2)))
    phone.ring(SentText("+1", "a", (1, 2, 1)))
    assert [letter.text for letter in notes.letters] == ["ab"]
    for reference in range(MOST_UNFINISHED + 1):
        phone.ring(SentText("+1", "first", (reference, 2, 1)))
    phone.ring(SentText("+1", "second", (0, 2, 2)))
    phone.ring(SentText("+1", "second", (5, 2, 2)))
    assert [letter.text for letter in notes.letters] == ["ab", "firstsecond"]


def test_the_modem_behaves_as_the_phone_does() -> None:
    modem, notes, conduct = Modem(), Notes(), Conduct(refuses=True, slow_s=3.0)
    phone = Phone(modem, conduct, notes)
    phone.follow()
    assert sent(modem, "x") == [b"\r\n+CMS ERROR: 8\r\n"]
    assert (modem.delay_s, notes.letters, notes.no) == (3.0, [], 1)
    conduct.mend()
    conduct.is_dead = True
    phone.follow()
    assert modem.hear(b"AT\r") == b""
    conduct.mend()
    phone.follow()
    assert sent(modem, "x") == [b"\r\n+CMGS: 1\r\n\r\nOK\r\n"]
    assert modem.delay_s == 0.0
