import pytest

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.notify.receipts import REMEMBERED, Receipts

BOTH = ("a", "b")


def test_who_has_it_is_not_asked_again() -> None:
    receipts = Receipts()
    receipts.took("m", "a", "250 ok")
    assert receipts.missing("m", BOTH) == ["b"]
    assert receipts.missing("other", BOTH) == ["a", "b"]
    with pytest.raises(DeliveryError, match="b: timed out; delivered to a: 250 ok"):
        receipts.settle("m", BOTH, {"b": "timed out"})
    receipts.took("m", "b", "250 fine")
    assert receipts.settle("m", BOTH, {}) == "a: 250 ok; b: 250 fine"


def test_a_refusal_is_final_only_when_nobody_is_left_to_try() -> None:
    receipts = Receipts()
    receipts.refused("m", "a", "550 never")
    with pytest.raises(DeliveryError) as caught:
        receipts.settle("m", BOTH, {"b": "450 later"})
    assert not isinstance(caught.value, RefusedError)
    assert receipts.missing("m", BOTH) == ["b"]
    receipts.took("m", "b", "250 ok")
    with pytest.raises(RefusedError, match="a: 550 never; delivered to b: 250 ok"):
        receipts.settle("m", BOTH, {})


def test_a_single_receiver_needs_no_name() -> None:
    receipts = Receipts()
    receipts.took("m", "a", "250 ok")
    assert receipts.settle("m", ("a",), {}) == "250 ok"


def test_memory_is_bounded_and_what_is_settled_is_forgotten() -> None:
    receipts = Receipts()
    for number in range(REMEMBERED + 10):
        receipts.took(str(number), "a", "ok")
        receipts.refused(str(number), "b", "no")
    assert receipts.missing("0", BOTH) == ["a", "b"]
    assert receipts.missing(str(REMEMBERED + 9), BOTH) == []
    with pytest.raises(RefusedError):
        receipts.settle(str(REMEMBERED + 9), BOTH, {})
    assert receipts.missing(str(REMEMBERED + 9), BOTH) == ["a", "b"]
