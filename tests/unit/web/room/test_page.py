"""The battery room's page as the server writes it."""

from fakes.elements import Elements
from fakes.site import Bench


async def test_the_room_page_lists_what_can_be_broken(device_with_room: Bench) -> None:
    _, page, _ = await device_with_room.get("/room")
    kinds = [option for option in Elements(page).of("option") if "data-target" in option]
    assert [kind["value"] for kind in kinds][:2] == ["soft_short", "module_silent"]
    assert {kind["data-target"] for kind in kinds} == {"address", "string", "charger", "address bus", "channel"}
    assert "Monthly discharge test" in page
    assert len(Elements(page).of("g")) >= 8


async def test_without_a_room_there_is_no_room_page(device: Bench) -> None:
    status, page, _ = await device.get("/room")
    assert status == 404
    assert "the batteries are real" in page
