"""A phone that gets the texts of the GSM modem, and joins the parts of a long one."""

from webmanager.room.inbox.arrivals import Channel, Conduct, Letter, Taker
from webmanager.room.modem import Modem
from webmanager.room.sms_submit import SentText

MOST_UNFINISHED = 20
REFUSAL = "+CMS ERROR: 8"
"""Barred by the operator: another try would not cure it."""


class Phone:
    """Behind one modem; how it behaves is how the modem and its network behave."""

    def __init__(self, modem: Modem, conduct: Conduct, taker: Taker) -> None:
        self._modem = modem
        self._conduct = conduct
        self._taker = taker
        self._unfinished: dict[tuple[str, int], dict[int, str]] = {}
        modem.on_text = self.ring
        modem.on_refusal = lambda: taker.refused(Channel.SMS)

    def follow(self) -> None:
        """Hands the behaviour on to the modem."""
        self._modem.is_dead = self._conduct.is_dead
        self._modem.delay_s = self._conduct.slow_s
        self._modem.refusal = REFUSAL if self._conduct.refuses else ""

    def ring(self, sent: SentText) -> None:
        """The network has taken a text, or a part of one."""
        if sent.part is None:
            self._show(sent.number, sent.text)
            return
        reference, count, place = sent.part
        parts = self._unfinished.setdefault((sent.number, reference), {})
        parts[place] = sent.text
        if len(parts) == count:
            del self._unfinished[sent.number, reference]
            self._show(sent.number, "".join(parts[number] for number in sorted(parts)))
        while len(self._unfinished) > MOST_UNFINISHED:
            del self._unfinished[next(iter(self._unfinished))]

    def _show(self, number: str, text: str) -> None:
        self._taker.take(Letter(Channel.SMS, f"to {number}", text, text))
