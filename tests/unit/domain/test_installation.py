import numpy as np
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType, Installation


def test_modules_are_divided_over_the_strings_as_the_original_does() -> None:
    installation = Installation(72, 6, BlockType())
    assert installation.per_string == 12
    assert installation.string_of[[0, 11, 12, 71]].tolist() == [1, 1, 2, 6]
    assert installation.names[0] == "S1-1"
    assert installation.names[24 - 1] == "S2-12"
    assert installation.position_of(25) == 1
    assert list(installation.addresses_of(6)) == list(range(61, 73))


def test_arrays_fold_into_strings_without_a_copy() -> None:
    installation = Installation(6, 2, BlockType())
    values = np.arange(6.0)
    folded = installation.by_string(values)
    assert folded.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert folded.base is values


@pytest.mark.parametrize(
    ("modules", "strings", "words"),
    [(0, 1, "1 to 256"), (257, 1, "1 to 256"), (10, 3, "do not divide evenly"), (22, 11, "1 to 10")],
)
def test_an_impossible_installation_says_what_is_allowed(modules: int, strings: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Installation(modules, strings, BlockType())


@pytest.mark.parametrize(("nominal_v", "cells"), [(2, 1), (4, 2), (6, 3), (12, 6)])
def test_each_block_voltage_has_its_cells(nominal_v: int, cells: int) -> None:
    assert BlockType(nominal_v, 100).cells == cells


@pytest.mark.parametrize(("nominal_v", "capacity_ah"), [(8, 100), (12, 6.9), (12, 5001)])
def test_a_block_that_nobody_makes_is_refused(nominal_v: int, capacity_ah: float) -> None:
    with pytest.raises(ConfigError, match=r"allowed are|7 to 5000"):
        BlockType(nominal_v, capacity_ah)


def test_a_block_is_named_as_people_write_it() -> None:
    assert BlockType(12, 100, "AGM").name == "12 V 100 Ah AGM"
