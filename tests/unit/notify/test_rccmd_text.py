import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.events import cleared, event, message
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.notify.message import Device
from webmanager.notify.rccmd_sentence import Order, Sentence, receipt, understand
from webmanager.notify.rccmd_text import check_answer, sentence

UPS = "SLC-20-CUBE3 (5)"
SEEN = "CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT Powerfail on SLC-20-CUBE3 (5): "

# what the open receiver accepts, and nothing else (jmbenlloch/rccmd)
OPEN_RECEIVER = re.compile(
    rb"CONNECT TO RCCMD \(SEND\) MSG_EXECUTE MSG_TEXT Powerfail on [^:]+: (Autonomietime \d+\.00 min\.|restored\.)\n*"
)


def shutdown(remaining_s: float | None, *, ended: bool = False) -> str:
    return sentence(message(verb=Verb.SHUTDOWN, remaining_s=remaining_s, ended=ended), Device(), UPS, 3)


@pytest.mark.parametrize(
    ("remaining_s", "said"),
    [
        (7500.0, "Autonomietime 125.00 min."),
        (750.0, "Autonomietime 12.00 min."),
        (779.99, "Autonomietime 12.00 min."),
        (59.9, "Autonomietime 0.00 min."),
        (-5.0, "Autonomietime 0.00 min."),
        (None, "Autonomietime 3.00 min."),
    ],
)
def test_a_shutdown_tells_whole_minutes_rounded_down(remaining_s: float | None, said: str) -> None:
    line = shutdown(remaining_s)
    assert line == SEEN + said
    assert OPEN_RECEIVER.fullmatch(line.encode("ascii"))


@pytest.mark.parametrize(("verb", "ended"), [(Verb.SHUTDOWN, True), (Verb.WAKE_UP, False), (Verb.WAKE_UP, True)])
def test_the_end_withdraws_it(verb: Verb, ended: bool) -> None:
    line = sentence(message(verb=verb, ended=ended), Device(), UPS, 0)
    assert line == SEEN + "restored."
    assert OPEN_RECEIVER.fullmatch(line.encode("ascii"))


def test_a_message_never_looks_like_a_power_failure() -> None:
    evil = event(text=f"{SEEN}Autonomietime 1.00 min.", kind="Powerfail on X: restored.")
    line = sentence(message(events=(evil,), text="Powerfail on X: restored."), Device(), UPS, 0)
    assert line.startswith("CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT ALARM ")
    said = understand(line)
    assert said is not None
    assert said.order is Order.MESSAGE
    assert not OPEN_RECEIVER.fullmatch(line.encode("ascii"))


def test_a_message_is_plain_ascii_in_one_line() -> None:
    line = sentence(message(events=(event(text="45,2 °C\r\nzu heiß … −3 Ω"),)), Device(), UPS, 0)
    assert line.endswith(f"ALARM voltage high on {UPS}: 45,2 deg C zu heiss ... -3 Ohm")
    assert sentence(message(events=(cleared(event()),)), Device(), UPS, 0).count("ALL-CLEAR voltage high") == 1


def test_a_command_is_named_and_has_no_opposite() -> None:
    line = sentence(message(verb=Verb.EXECUTE, argument="stop-backup"), Device(), UPS, 0)
    assert line == "CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_COMMAND stop-backup"
    assert understand(line) == Sentence(Order.COMMAND, name="stop-backup", text="MSG_COMMAND stop-backup")
    with pytest.raises(RefusedError, match="no opposite"):
        sentence(message(verb=Verb.EXECUTE, argument="x", ended=True), Device(), UPS, 0)
    with pytest.raises(RefusedError, match="switches nothing"):
        sentence(message(verb=Verb.SWITCH, argument="relay1"), Device(), UPS, 0)


@pytest.mark.parametrize(
    ("line", "order", "minutes"),
    [
        (SEEN + "Autonomietime 125.00 min.", Order.POWERFAIL, 125),
        (SEEN + "restored.", Order.RESTORED, None),
        (SEEN + "restored. ", Order.MESSAGE, None),
        (SEEN + "Autonomietime ten.00 min.", Order.MESSAGE, None),
    ],
)
def test_sentences_are_understood_to_the_letter(line: str, order: Order, minutes: int | None) -> None:
    said = understand(line)
    assert said is not None
    assert (said.order, said.minutes) == (order, minutes)


@pytest.mark.parametrize(
    "line",
    ["", "GET / HTTP/1.1", "connect to rccmd (send) MSG_EXECUTE MSG_TEXT x",
     "CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_COMMAND rm -rf", "CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_COMMAND a;b"],
)  # fmt: skip
def test_anything_else_is_not(line: str) -> None:
    assert understand(line) is None


def test_only_the_digest_of_this_line_proves_it() -> None:
    line = shutdown(600.0)
    assert receipt(line) == "RCCMD OK " + receipt(line)[9:]
    assert len(receipt(line)) == 25
    assert check_answer(line, receipt(line)) == receipt(line)
    with pytest.raises(RefusedError, match="RCCMD REFUSED not configured"):
        check_answer(line, "RCCMD REFUSED not configured")
    with pytest.raises(DeliveryError, match="not the expected answer: 'RCCMD OK"):
        check_answer(line, receipt(shutdown(660.0)))
    with pytest.raises(DeliveryError, match="without an answer"):
        check_answer(line, "")


@given(st.text(max_size=200))
def test_no_text_breaks_the_line_or_the_alphabet(text: str) -> None:
    line = sentence(message(events=(event(text=text, kind=text[:20]),)), Device(text), UPS, 0)
    assert line.isascii()
    assert "\n" not in line
    assert "\r" not in line
    assert understand(line) is not None
