import json
import threading
from pathlib import Path

import pytest

from webmanager.domain.errors import StoreError
from webmanager.settings import state
from webmanager.settings.state import FileStateKeeper


def test_a_document_outlives_its_keeper(tmp_path: Path) -> None:
    keeper = FileStateKeeper(tmp_path / "state")
    keeper.save("counters", {"charges": [1, 2]})
    keeper.close()
    assert FileStateKeeper(tmp_path / "state").load("counters") == {"charges": [1, 2]}


def test_a_saved_document_is_seen_before_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = FileStateKeeper(tmp_path)
    for number in range(100):
        keeper.save("counters", {"number": number})
        assert keeper.load("counters") == {"number": number}
    keeper.flush()
    assert json.loads((tmp_path / "counters.json").read_text()) == {"number": 99}
    keeper.close()


def test_what_a_person_was_told_is_on_the_disk(tmp_path: Path) -> None:
    keeper = FileStateKeeper(tmp_path)
    for number in range(20):
        keeper.save("counters", {"number": -1})
        keeper.save_now("counters", {"number": number})
        assert json.loads((tmp_path / "counters.json").read_text()) == {"number": number}
    keeper.close()


def test_what_cannot_be_kept_is_an_error_and_the_old_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = FileStateKeeper(tmp_path)
    keeper.save_now("users", {"a": 1})

    def fail(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(state, "write_atomically", fail)
        with pytest.raises(StoreError, match=r"users cannot be kept: .*No space left"):
            keeper.save_now("users", {"a": 2})
    assert keeper.load("users") == {"a": 1}
    keeper.save_now("users", {"a": 3})
    assert keeper.load("users") == {"a": 3}
    keeper.close()


def test_a_disk_that_hangs_is_an_error_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, awake = FileStateKeeper(tmp_path), threading.Event()
    monkeypatch.setattr(state, "PATIENCE_S", 0.05)
    monkeypatch.setattr(state, "write_atomically", lambda path, text: awake.wait(20))
    with pytest.raises(StoreError, match=r"not answered for 0\.05 s"):
        keeper.save_now("users", {"a": 1})
    awake.set()
    keeper.close()


def test_what_was_never_saved_is_none(tmp_path: Path) -> None:
    assert FileStateKeeper(tmp_path).load("counters") is None


@pytest.mark.parametrize("rubbish", [b"", b"[1]", b"{", b"\xff\xfe", b"x" * 1_100_000])
def test_a_damaged_document_is_left_out(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "counters.json").write_bytes(rubbish)
    assert FileStateKeeper(tmp_path).load("counters") is None


@pytest.mark.parametrize("name", ["../users", "", "A", "a/b", "a.b", "x" * 40])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a document"):
        FileStateKeeper(tmp_path).save(name, {})


def test_a_full_disk_is_counted_and_the_next_save_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = FileStateKeeper(tmp_path)

    def fail(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(state, "write_atomically", fail)
        keeper.save("counters", {"a": 1})
        keeper.flush()
    assert keeper.failures == 1
    keeper.save("counters", {"a": 2})
    keeper.close()
    assert FileStateKeeper(tmp_path).load("counters") == {"a": 2}
