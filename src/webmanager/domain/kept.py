"""Arrays as they are kept in a document, and back: plain lists in which None stands for unknown."""

import numpy as np

from webmanager.domain.reading import Floats


def plain(values: Floats) -> list[float | None]:
    """An array as a list; NaN becomes None."""
    return [None if np.isnan(value) else round(float(value), 6) for value in values]


def array_of(kept: object, size: int) -> Floats | None:
    """A kept list as an array; None if it is no list of `size` numbers."""
    if not isinstance(kept, list) or len(kept) != size:
        return None
    if not all(value is None or isinstance(value, int | float) for value in kept):
        return None
    return np.array([np.nan if value is None else float(value) for value in kept])
