"""Pages compressed by pcodec."""

import numpy as np
import pytest

from webmanager.domain.errors import StoreError
from webmanager.store.pages import FORMAT_HEADER, PREDICTORS, compress, decompress, opened


def pages(count: int = 4, size: int = 700) -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    return [(13_600 + np.cumsum(draw.integers(-1, 2, size))).astype(np.int16) for _ in range(count)]


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_every_page_opens_alone(predictor: str) -> None:
    given = pages()
    description, packed = compress(given, predictor)
    for index in (3, 0, 2):
        chunk = opened(FORMAT_HEADER, description)
        assert decompress(chunk, packed[index], 700).tolist() == given[index].tolist()


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_all_of_16_bits_comes_back(predictor: str) -> None:
    odd = [np.array([-32768, 32767, 0, -1, 1] * 60, np.int16)]
    description, packed = compress(odd, predictor)
    assert decompress(opened(FORMAT_HEADER, description), packed[0], 300).tolist() == odd[0].tolist()


def test_pages_of_different_length_share_a_description() -> None:
    given = [page[: 100 + 50 * index] for index, page in enumerate(pages())]
    description, packed = compress(given, "last")
    chunk = opened(FORMAT_HEADER, description)
    for page, data in zip(given, packed, strict=True):
        assert decompress(chunk, data, page.size).tolist() == page.tolist()


def test_a_smooth_series_under_noise_takes_the_long_predictor() -> None:
    draw = np.random.default_rng(1)
    noisy = [np.rint(200 * np.sin(np.arange(1440) / 229) + 3 * draw.standard_normal(1440)).astype(np.int16)]
    size = {name: sum(map(len, compress(noisy, name)[1])) for name in PREDICTORS}
    assert size["long"] < size["last"] < size["none"]


def test_a_damaged_description_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="description of pages"):
        opened(FORMAT_HEADER, b"")
    with pytest.raises(StoreError, match="description of pages"):
        opened(b"", b"")


def test_a_page_that_ends_too_early_is_a_store_error() -> None:
    description, packed = compress(pages(1), "last")
    with pytest.raises(StoreError, match="page"):
        decompress(opened(FORMAT_HEADER, description), packed[0][:4], 700)


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_pages_of_any_length_can_be_written(predictor: str) -> None:
    """pcodec's fitted predictors panic on some lengths, as of a day with 1025 minutes: the store must not end there."""
    draw = np.random.default_rng(1)
    for size in (*range(1, 20), *range(505, 530), *range(1020, 1036), 1440):
        numbers = draw.integers(-100, 101, size).astype(np.int16)
        description, packed = compress([numbers, numbers], predictor)
        chunk = opened(FORMAT_HEADER, description)
        assert all(np.array_equal(decompress(chunk, page, size), numbers) for page in packed)


def test_a_panic_of_pcodec_is_a_store_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmanager.store.pages.FITTED", {})
    with pytest.raises(StoreError, match="cannot be compressed"):
        compress([np.arange(1025, dtype=np.int16)], "long")
