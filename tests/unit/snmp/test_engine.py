import tempfile
from pathlib import Path

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import StoreError
from webmanager.snmp.engine import MOST_BOOTS, EngineIdentity, engine_identity, make_engine, new_engine_id


def test_the_id_outlives_restarts_and_boots_are_counted() -> None:
    keeper = MemoryStateKeeper()
    first, second, third = (engine_identity(keeper) for _ in range(3))
    assert first.engine_id == second.engine_id == third.engine_id
    assert [first.boots, second.boots, third.boots] == [1, 2, 3]


def test_without_a_keeper_every_start_is_a_new_engine() -> None:
    assert engine_identity(None).engine_id != engine_identity(None).engine_id


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"engine_id": "zz", "boots": 1},
        {"engine_id": "00", "boots": 1},
        {"engine_id": "80007ed905aabb", "boots": "x"},
    ],
)
def test_an_id_that_cannot_be_read_is_made_anew(document: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    keeper = MemoryStateKeeper()
    keeper.save("snmp", document)
    assert engine_identity(keeper).boots == 1
    assert "made anew" in caplog.text


def test_boots_stay_at_their_highest_value() -> None:
    keeper = MemoryStateKeeper()
    keeper.save("snmp", {"engine_id": "80007ed905aabb", "boots": MOST_BOOTS})
    assert engine_identity(keeper).boots == MOST_BOOTS


def test_a_start_that_cannot_be_counted_is_said(caplog: pytest.LogCaptureFixture) -> None:
    class FullDisk(MemoryStateKeeper):
        def save_now(self, name: str, document: dict[str, object]) -> None:
            raise StoreError("no space")

    assert engine_identity(FullDisk()).boots == 1
    assert "no space; SNMP managers may refuse" in caplog.text


def test_an_id_is_formed_as_rfc_3411_says() -> None:
    made = new_engine_id()
    assert len(made) == 13
    assert made[0] & 0x80
    assert made[4] == 5
    assert EngineIdentity(made, 1).text == f"0x{made.hex()}"


def test_the_engine_has_it_and_leaves_nothing_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    engine = make_engine(EngineIdentity(bytes.fromhex("80007ed905aabbccdd"), 41))
    engine_id, boots = engine.get_mib_builder().import_symbols(
        "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots"
    )
    assert bytes(engine_id.syntax) == bytes(engine.snmpEngineID) == bytes.fromhex("80007ed905aabbccdd")
    assert int(boots.syntax) == 41
    assert list(tmp_path.iterdir()) == []
