"""CVE-2022-47186 of this family: files were taken from anybody. Here nothing is taken before the login."""

import copy

from fakes.doors import BODIES, LOGINS, OF_THE_BROWSER, changing
from fakes.site import Bench
from webmanager.settings.desk import SettingsDesk


async def test_nothing_is_taken_from_a_stranger(device: Bench, settings: SettingsDesk) -> None:
    before = copy.deepcopy(device.keeper.documents), settings.applied
    for method, path in changing(device):
        if (method, path) in LOGINS | OF_THE_BROWSER:
            continue
        for body in BODIES:
            status, _, headers = await device.ask(method, path, client=device.stranger, **body)
            refused = status == 401 or (status == 303 and headers["Location"].startswith("/login"))
            assert refused, (method, path, status)
    assert (device.keeper.documents, settings.applied) == before


async def test_a_wrong_token_or_session_is_a_stranger(device: Bench) -> None:
    cookie = device.server.site.config.session_cookie
    for headers in ({"Authorization": "Bearer wm_guess"}, {"Cookie": f"{cookie}=guess"}):
        for method, path in changing(device):
            if (method, path) not in LOGINS | OF_THE_BROWSER:
                status, _, _ = await device.ask(method, path, client=device.stranger, headers=headers, json={})
                assert status in {401, 303}, (method, path)


async def test_the_same_requests_of_an_admin_are_looked_at(device: Bench) -> None:
    """The control: it is the login that they lacked."""
    looked_at = 0
    for method, path in changing(device):
        if (method, path) not in LOGINS | OF_THE_BROWSER:
            status, _, _ = await device.ask(method, path, json={"nothing": "of that"})
            looked_at += status in {200, 204, 404, 415, 422}
            assert status not in {401, 500}, (method, path)
    assert looked_at > 10
