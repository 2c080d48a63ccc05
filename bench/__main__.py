"""`python -m bench [NAME ...]`: runs the measurements and prints one table, as Markdown."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator

import bench
from bench.table import Row

NOT_A_BENCH = {"table", "__main__"}


def names() -> list[str]:
    """All measurements there are: modules of this package with a function `rows`."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in NOT_A_BENCH)
    return sorted(name for name in found if hasattr(importlib.import_module(f"bench.{name}"), "rows"))


def measure(name: str) -> Iterator[Row]:
    """The rows of one measurement."""
    yield from importlib.import_module(f"bench.{name}").rows()


def main() -> None:
    """Prints row by row, as each is known."""
    asked = sys.argv[1:] or names()
    unknown = sorted(set(asked) - set(names()))
    if unknown:
        sys.exit(f"bench: {', '.join(unknown)}: known are {', '.join(names())}")
    print("| bench | what | figure | unit | must be |\n|---|---|---|---|---|", flush=True)
    for name in asked:
        for row in measure(name):
            print(f"| {name} | {row.what} | {row.shown} | {row.unit} | {row.limit} |", flush=True)


if __name__ == "__main__":
    main()
