"""The JSON API against a real server."""

from fakes.site import Bench


async def test_system_tells_what_the_device_is(device: Bench) -> None:
    status, system, _ = await device.get("/api/v1/system")
    assert status == 200
    assert system["modules"] == 256
    assert system["scan"]["modules_answered"] == 246
    assert system["room"] is False


async def test_a_silent_module_has_null_values_and_never_zero(device: Bench) -> None:
    _, answer, _ = await device.get("/api/v1/modules/220")
    (module,) = answer["modules"]
    assert module["quality"] == "silent"
    assert [module[key] for key in ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent", "band")] == [
        None
    ] * 5
    assert module["states"] == {"voltage": None, "temperature": None, "ri": None, "equalizing": None}


async def test_pages_are_rendered(device_with_room: Bench) -> None:
    for path in ("/", "/?view=table", "/room", "/password"):
        status, text, _ = await device_with_room.get(path)
        assert status == 200, path
        assert "</html>" in text
