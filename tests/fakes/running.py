"""Runs what is made in steps to its end."""

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def run(steps: Generator[None, None, T]) -> T:
    """What the steps return."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value
