from webmanager.room.inbox.arrivals import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_KEPT,
    Cause,
    Channel,
    Conduct,
    Inbox,
    Letter,
)


def letter(subject: str = "S1-5 does not answer", channel: Channel = Channel.MAIL) -> Letter:
    return Letter(channel, "battery@example.com", subject, f"{subject}\nCheck the plug.")


def test_the_newest_come_first_with_numbers_of_their_own() -> None:
    inbox = Inbox(Channel)
    cause = Cause("broken", "Module silent", "S1-5", 31.0, 31.0)
    first = inbox.put(letter("one"), 100.0, 5.0)
    second = inbox.put(letter("two"), 131.0, 6.0, cause)
    assert (first.number, second.number) == (1, 2)
    assert (second.at_s, second.host_s, second.cause) == (131.0, 6.0, cause)
    assert inbox.after() == [second, first]
    assert inbox.after(1) == [second]
    assert inbox.after(2) == []
    assert (inbox.oldest, inbox.newest) == (1, 2)


def test_only_so_many_are_kept_and_all_are_counted() -> None:
    inbox = Inbox(Channel)
    for number in range(MOST_KEPT + 7):
        inbox.put(letter(channel=Channel.SMS), float(number), 0.0)
    assert len(inbox.after()) == MOST_KEPT
    assert (inbox.oldest, inbox.newest) == (8, MOST_KEPT + 7)
    assert inbox.counts[Channel.SMS].received == MOST_KEPT + 7
    assert inbox.counts[Channel.MAIL].received == 0


def test_what_is_cleared_is_gone_and_its_numbers_do_not_come_again() -> None:
    inbox = Inbox(Channel)
    inbox.put(letter(), 0.0, 0.0)
    inbox.clear()
    assert inbox.after() == []
    assert (inbox.oldest, inbox.newest) == (2, 1)
    assert inbox.counts[Channel.MAIL].received == 1
    assert inbox.put(letter(), 0.0, 0.0).number == 2


def test_a_letter_is_cut_to_what_is_shown() -> None:
    inbox = Inbox(Channel)
    kept = inbox.put(Letter(Channel.MAIL, "x" * 500, "\n  first  \nsecond", "y" * 10_000, True), 0.0, 0.0).letter
    assert kept.subject == "first"
    assert len(kept.text) == LONGEST_TEXT
    assert len(kept.sender) == 120
    assert kept.has_picture
    long = inbox.put(letter("z" * 500), 0.0, 0.0).letter.subject
    assert len(long) == LONGEST_SUBJECT
    assert long.endswith("…")
    assert inbox.put(letter(" \n"), 0.0, 0.0).letter.subject == ""


def test_a_conduct_is_mended() -> None:
    conduct = Conduct(is_dead=True, slow_s=5.0, refuses=True)
    conduct.mend()
    assert conduct == Conduct()
