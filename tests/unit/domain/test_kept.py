import json

import numpy as np
import pytest

from webmanager.domain.kept import array_of, plain


def test_unknown_survives_as_none() -> None:
    values = np.array([1.5, np.nan, -2.0])
    assert plain(values) == [1.5, None, -2.0]
    back = array_of(json.loads(json.dumps(plain(values))), 3)
    assert back is not None
    np.testing.assert_array_equal(back, values)


@pytest.mark.parametrize("kept", [None, "text", {}, [1.0, 2.0], [1.0, 2.0, "3"], [[1], [2], [3]]])
def test_what_is_no_such_list_is_left_out(kept: object) -> None:
    assert array_of(kept, 3) is None
