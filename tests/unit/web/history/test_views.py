"""What the pages History and Storage show, and that they work without scripts."""

import itertools
from dataclasses import replace

import pytest

from fakes.site import Bench, bench
from fakes.stored import FakeStore
from webmanager.web.history import views
from webmanager.web.history.views import storage_view


async def test_the_page_has_the_values_of_the_range_without_scripts(device: Bench) -> None:
    status, page, _ = await device.get("/history?b=S3-17,S3-16&h=24")
    assert status == 200
    assert '<th scope="row">S3-17</th><td>13.' in page
    assert page.index("S3-17</th>") < page.index("S3-16</th>")
    asked = [selection.number for selection, *_ in device.store.asked]
    assert asked == [81, 80]
    assert all(points == 1 for *_, points in device.store.asked)


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("", ("S1-1",)),
        ("b=s3-17", ("S3-17",)),
        ("b=S3-17,S3-17,nonsense,S9-1", ("S3-17",)),
        ("b=S1-1,S1-2,S1-3,S1-4,S1-5", ("S1-1", "S1-2", "S1-3", "S1-4")),
        ("b=S2&q=current", ("S2",)),
        ("b=S3-17&q=current", ("S1",)),
        ("q=nonsense", ("S1-1",)),
    ],
)
async def test_what_is_chosen(device: Bench, query: str, chosen: tuple[str, ...]) -> None:
    _, page, _ = await device.get(f"/history?{query}")
    assert f'data-names="{",".join(chosen)}"' in page


@pytest.mark.parametrize(
    ("query", "checked"), [("", "168"), ("h=24", "24"), ("h=x", "168"), ("h=-1", "168"), ("from=2023-01-01", None)]
)
async def test_the_range_that_is_marked(device: Bench, query: str, checked: str | None) -> None:
    _, page, _ = await device.get(f"/history?{query}")
    marked = [value for value in ("26280", "168", "24") if f'value="{value}" checked' in page]
    assert marked == ([checked] if checked else [])


async def test_names_of_a_stranger_are_not_markup(device: Bench) -> None:
    _, page, _ = await device.get("/history?b=<script>&q=<b>&h=<i>")
    assert "<script>&" not in page
    assert "<i>" not in page


async def test_history_says_why_nothing_can_be_read() -> None:
    async with bench(store=FakeStore(state="absent", text="the disk is gone")) as device:
        status, page, _ = await device.get("/history")
        assert status == 200
        assert "Nothing can be read: the disk is gone." in page


async def test_storage_shows_budget_reach_and_wear(device: Bench) -> None:
    _, page, _ = await device.get("/storage")
    assert "2.0\u00a0MiB of 32.0\u00a0MiB are free" in page
    assert "61.5\u00a0days" in page
    assert "1095\u00a0days" in page
    assert "12 / 21.3 / 30" in page
    assert "flash.img.odd" in page
    assert "g-alarm" not in page, "nothing is wrong, so nothing is said"


@pytest.mark.parametrize(
    ("state", "said", "look"),
    [
        ("read_only", "nothing new is stored", "warning"),
        ("failing", "may be lost", "alarm"),
        ("absent", "nothing is stored", "alarm"),
    ],
)
async def test_storage_says_what_is_wrong(state: str, said: str, look: str) -> None:
    async with bench(store=FakeStore(state=state, text="no space left")) as device:  # type: ignore[arg-type]
        _, page, _ = await device.get("/storage")
        assert said in page
        assert "No space left." in page
        assert f'class="note"><span class="g g-{look}"' in page


async def test_a_device_without_a_store_has_the_page_all_the_same() -> None:
    async with bench(has_store=False) as device:
        status, page, _ = await device.get("/storage")
        assert status == 200
        assert "There are no files." in page


def test_the_bar_is_filled_from_the_left() -> None:
    view = storage_view(object(), FakeStore().status())  # type: ignore[arg-type]
    edges = [(tier.x, tier.x + tier.share) for tier in view.tiers]
    assert edges[0][0] == 0
    assert all(abs(former[1] - later[0]) < 0.01 for former, later in itertools.pairwise(edges))
    assert edges[-1][1] <= 100


def test_years_are_unknown_at_first() -> None:
    status = replace(FakeStore().status(), projected_years=None, moved_aside=None)
    facts = {fact.label: fact.value for fact in storage_view(object(), status).facts}  # type: ignore[arg-type]
    assert facts["Years until the flash is worn out"] == "–"
    assert "Kept aside" not in facts


def test_every_state_of_a_store_has_a_look() -> None:
    assert set(views.STATE_SAID) == {"ok", "read_only", "failing", "absent"}


async def test_pages_are_behind_the_login_and_in_the_navigation(device: Bench) -> None:
    for path in ("/history", "/storage"):
        status, _, headers = await device.get(path, client=device.stranger)
        assert (status, headers["Location"]) == (303, f"/login?next={path}")
    _, page, _ = await device.get("/")
    assert 'href="/history"' in page
    assert 'href="/storage"' in page


async def test_a_battery_leads_to_its_history(device: Bench) -> None:
    _, page, _ = await device.get("/?b=S3-17")
    assert 'href="/history?b=S3-17"' in page
