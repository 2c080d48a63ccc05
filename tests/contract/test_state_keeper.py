"""What every keeper of state promises, the one in memory as the one on the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.engine.ports import StateKeeper
from webmanager.settings.state import FileStateKeeper


@pytest.fixture(params=["memory", "file"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateKeeper]:
    if request.param == "memory":
        yield MemoryStateKeeper()
        return
    keeper = FileStateKeeper(tmp_path)
    yield keeper
    keeper.close()


def test_what_was_never_saved_is_none(keeper: StateKeeper) -> None:
    assert keeper.load("counters") is None


def test_the_newest_document_of_a_name_is_the_one(keeper: StateKeeper) -> None:
    keeper.save("counters", {"number": 1})
    keeper.save_now("counters", {"number": 2})
    keeper.save("others", {"number": 9})
    assert keeper.load("counters") == {"number": 2}
    keeper.save("counters", {"number": 3})
    assert keeper.load("counters") == {"number": 3}


def test_what_comes_back_has_been_json_and_is_nobody_elses(keeper: StateKeeper) -> None:
    given: dict[str, object] = {"pair": (1, 2), "table": {1: "one"}}
    keeper.save("counters", given)
    given["pair"] = None
    loaded = keeper.load("counters")
    assert loaded == {"pair": [1, 2], "table": {"1": "one"}}
    loaded["pair"] = None  # type: ignore[index]
    assert keeper.load("counters") == {"pair": [1, 2], "table": {"1": "one"}}


def test_what_is_no_json_is_refused_and_leaves_the_old_one(keeper: StateKeeper) -> None:
    keeper.save_now("counters", {"number": 1})
    with pytest.raises(TypeError):
        keeper.save("counters", {"number": object()})
    with pytest.raises(TypeError):
        keeper.save_now("counters", {"number": object()})
    assert keeper.load("counters") == {"number": 1}
