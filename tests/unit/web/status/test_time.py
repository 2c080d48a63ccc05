"""What the API and the pages say of the device's clock."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from fakes.site import bench
from webmanager.engine.time_ports import ServerStatus, TimeStatus
from webmanager.web.site.parts import Parts


class FakeTime:
    """A clock kept by time servers, in Berlin."""

    def status(self) -> TimeStatus:
        servers = (ServerStatus("one", 3, 0, error="no answer within 2 s"), ServerStatus("two", 3, 3, 0.2, 0.01, 2))
        return TimeStatus("ntp", True, "it follows two", servers, 1_700_000_000.0, 0.2, 3, 1, 2)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("Europe/Berlin")


async def test_system_tells_where_the_time_comes_from_and_how_far_it_can_be_trusted() -> None:
    async with bench(parts=Parts(time=FakeTime())) as device:
        _, system, _ = await device.get("/api/v1/system")
    assert system["time_source"] == "ntp"
    assert system["time"].endswith("Z")
    clock = system["clock"]
    assert (clock["synchronised"], clock["text"], clock["good_at"]) == (
        True,
        "it follows two",
        "2023-11-14T22:13:20.000Z",
    )
    assert [(one["server"], one["answered"], one["offset_s"]) for one in clock["servers"]] == [
        ("one", 0, None),
        ("two", 3, 0.2),
    ]


async def test_a_device_that_keeps_no_clock_says_nothing_of_it() -> None:
    async with bench() as device:
        _, system, _ = await device.get("/api/v1/system")
    assert (system["time_source"], system["clock"]) == ("host", None)


async def test_pages_show_the_time_of_the_zone() -> None:
    async with bench(parts=Parts(time=FakeTime())) as device:
        _, page, _ = await device.ask("GET", "/login", client=device.stranger)
    assert "23:13:22\u00a0CET" in page
    assert 'data-zone="Europe/Berlin"' in page
