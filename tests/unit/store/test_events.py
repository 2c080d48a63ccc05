"""Events as bytes."""

import math
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.domain.errors import StoreError
from webmanager.store.events import (
    NotStorableError,
    StoredEvent,
    pack_event,
    pack_events,
    unpack_event,
    unpack_events,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.floats(0, 4e9), st.text(max_size=20), st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_an_event_comes_back(axis_s: float, kind: str, document: dict[str, object]) -> None:
    event = unpack_event(7, pack_event(axis_s, kind, document))
    assert event.seq == 7
    assert event.axis_s == pytest.approx(axis_s, abs=0.001)
    assert event.kind == kind
    assert event.document == document


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2**31), st.text(max_size=9)), max_size=20))
def test_a_section_of_events_comes_back(given_events: list[tuple[int, str]]) -> None:
    events = [StoredEvent(seq, 60.5, kind, {"line": "a\nb"}) for seq, kind in given_events]
    assert unpack_events(pack_events(events)) == events


@pytest.mark.parametrize("document", [{"x": math.nan}, {"x": {1, 2}}, {"x": b"bytes"}])
def test_what_is_no_json_cannot_be_stored(document: dict[str, object]) -> None:
    with pytest.raises(NotStorableError, match="event odd cannot be stored"):
        pack_event(0, "odd", document)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[1]", b'["x", 2, 3]', b"\xff\xfe", b'[1, "k", 5]'])
def test_what_is_no_event_is_a_store_error(payload: bytes) -> None:
    with pytest.raises(StoreError, match="not an event"):
        unpack_event(1, payload)


@pytest.mark.parametrize("section", [b"", b"nonsense", zlib.compress(b"x y"), zlib.compress(b"5")])
def test_a_damaged_section_is_a_store_error(section: bytes) -> None:
    with pytest.raises(StoreError):
        unpack_events(section)
