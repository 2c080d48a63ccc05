"""Access list and HSTS: who is let in, and that nobody locks themselves out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from fakes.secure_site import secure_bench
from fakes.site import Bench, bench
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.mistakes import SettingsError
from webmanager.web.guard import access
from webmanager.web.site.parts import Parts

OFFICE = "10.1.0.0/16"


@pytest.fixture
def desk() -> SettingsDesk:
    return SettingsDesk()


@pytest.fixture
async def device(desk: SettingsDesk) -> AsyncIterator[Bench]:
    async with bench(parts=Parts(settings=desk)) as started:
        yield started


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where requests seem to come from; one can change it."""
    given = ["127.0.0.1"]
    monkeypatch.setattr(web.BaseRequest, "remote", property(lambda _: given[0]))
    return given


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("127.0.0.1", 200), ("10.2.0.1", 403), ("2001:db8::1", 403)],
)
async def test_who_is_not_on_the_list_gets_nothing(
    device: Bench, desk: SettingsDesk, remote: list[str], address: str, status: int
) -> None:
    desk.apply("security", {"networks": [OFFICE]}, "admin", 0.0)
    remote[0] = address
    assert (await device.get("/api/v1/system"))[0] == status
    for path in ("/", "/login", "/healthz", "/static/x/app.css", "/nothing"):
        assert ((await device.get(path))[0] == 403) is (status == 403)


async def test_a_change_counts_at_once(device: Bench, desk: SettingsDesk, remote: list[str]) -> None:
    remote[0] = "10.2.0.1"
    assert (await device.get("/healthz"))[0] == 200
    desk.apply("security", {"networks": [OFFICE]}, "admin", 0.0)
    assert (await device.get("/healthz"))[0] == 403
    desk.apply("security", {"networks": []}, "admin", 0.0)
    assert (await device.get("/healthz"))[0] == 200


async def test_nobody_sets_a_list_that_shuts_them_out(device: Bench, desk: SettingsDesk) -> None:
    """Whatever call changes the settings: the guard stands before the desk."""
    token = access._ASKING.set("10.2.0.1")
    with pytest.raises(SettingsError, match="you would shut yourself out") as caught:
        desk.apply("security", {"networks": [OFFICE]}, "admin", 0.0)
    assert caught.value.errors[0][0] == "security.networks"
    assert desk.applied.security.networks == ()
    access._ASKING.set("10.1.0.9")
    desk.apply("security", {"networks": [OFFICE]}, "admin", 0.0)
    access._ASKING.reset(token)
    assert desk.applied.security.networks == (OFFICE,)
    assert (await device.get("/healthz"))[0] == 200


async def test_the_same_over_the_api(device: Bench, desk: SettingsDesk, remote: list[str]) -> None:
    remote[0] = "10.2.0.1"
    path, body = "/api/v1/settings/security", {"networks": [OFFICE]}
    status, problem, _ = await device.ask("PUT", path, json=body)
    assert (status, problem["errors"][0]["field"]) == (422, "security.networks")
    assert desk.applied.security.networks == ()
    remote[0] = "10.1.0.9"
    assert (await device.ask("PUT", path, json=body))[0] == 200
    assert desk.applied.security.networks == (OFFICE,)


async def test_the_guard_ends_with_the_server(desk: SettingsDesk) -> None:
    async with bench(parts=Parts(settings=desk)):
        pass
    token = access._ASKING.set("10.2.0.1")
    desk.apply("security", {"networks": [OFFICE]}, "admin", 0.0)
    access._ASKING.reset(token)
    assert desk.applied.security.networks == (OFFICE,)


async def test_hsts_is_told_only_where_it_locks_nobody_out(tmp_path: Path) -> None:
    header = "Strict-Transport-Security"
    async with secure_bench(tmp_path / "tls", hsts=True) as secure:
        assert header not in (await secure.ask("GET", "/healthz"))[2]
        assert header not in (await secure.device.get("/healthz"))[2]
        leaf = trustme.CA().issue_cert("localhost", "127.0.0.1")
        key = leaf.private_key_pem.bytes().decode()
        secure.store.replace(leaf.cert_chain_pems[0].bytes().decode(), key)
        assert (await secure.ask("GET", "/healthz"))[2][header] == "max-age=15552000"
        assert header not in (await secure.device.get("/healthz"))[2]
        secure.settings.apply("security", {"hsts": False}, "admin", 0.0)
        assert header not in (await secure.ask("GET", "/healthz"))[2]
