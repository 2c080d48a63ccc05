"""The certificate over the API and on its page."""

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from fakes.site import PASSWORD, USER, Bench, bench
from webmanager.settings.certificates import CertificateStore
from webmanager.web.site.parts import Parts
from webmanager.web.system.certificate import PATH, CertificateAnswer

API = "/api/v1/certificate"


@pytest.fixture(scope="module")
def issued() -> dict[str, str]:
    leaf = trustme.CA().issue_cert("battery.example")
    return {
        "certificate": leaf.cert_chain_pems[0].bytes().decode(),
        "key": leaf.private_key_pem.bytes().decode(),
    }


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Bench]:
    store = CertificateStore(tmp_path / "tls", lambda: ("localhost",), time.time)
    async with bench(parts=Parts(certificates=store)) as started:
        form = {"username": USER, "password": PASSWORD}
        await started.ask("POST", "/login", client=started.stranger, data=form)
        yield started


async def send(device: Bench, **fields: str) -> tuple[int, str, str]:
    text = (await device.get(PATH, client=device.stranger))[1]
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token
    data = {"csrf": token[1]} | fields
    status, text, headers = await device.ask("POST", PATH, client=device.stranger, data=data)
    return status, text, headers.get("Location", "")


async def test_it_is_seen_replaced_and_taken_back(device: Bench, issued: dict[str, str]) -> None:
    status, own, _ = await device.get(API)
    assert status == 200
    CertificateAnswer.model_validate(own)
    assert own["own"] is True
    assert own["https_port"] is None
    status, other, _ = await device.ask("PUT", API, json=issued)
    assert (status, other["own"], other["names"]) == (200, False, ["battery.example"])
    assert issued["key"][60:100] not in str(other)
    assert (await device.ask("DELETE", API))[0] == 204
    assert (await device.get(API))[1] == own


async def test_what_cannot_be_names_its_field(device: Bench, issued: dict[str, str]) -> None:
    for change, field in (({"key": "x"}, "key"), ({"certificate": "x"}, "certificate"), ({"key": "x" * 70_000}, "key")):
        status, problem, _ = await device.ask("PUT", API, json=issued | change)
        assert (status, problem["errors"][0]["field"]) == (422, field)
    assert (await device.get(API))[1]["own"] is True


async def test_by_form(device: Bench, issued: dict[str, str]) -> None:
    status, _, led = await send(device, **issued)
    assert (status, led) == (303, f"{PATH}?done=replaced")
    _, text, _ = await device.get(led, client=device.stranger)
    assert "The certificate is in use." in text
    assert "battery.example" in text
    assert issued["key"][60:100] not in text
    assert (await send(device, action="revert"))[2] == f"{PATH}?done=reverted"
    assert "browsers warn" in (await device.get(PATH, client=device.stranger))[1]


async def test_an_error_stands_at_its_field_and_the_key_is_never_sent_back(
    device: Bench, issued: dict[str, str]
) -> None:
    other = trustme.CA().issue_cert("x.example").private_key_pem.bytes().decode()
    status, text, _ = await send(device, certificate=issued["certificate"], key=other)
    assert status == 422
    assert "Key: it does not belong to the first certificate." in text
    assert issued["certificate"][60:100] in text
    assert other[60:100] not in text


async def test_only_an_admin_and_only_with_the_token_of_the_page(device: Bench, issued: dict[str, str]) -> None:
    assert (await device.ask("POST", PATH, client=device.stranger, data=issued))[0] == 403
    assert (await device.ask("PUT", API, client=device.stranger, json=issued))[0] == 403
    assert (await device.get(API))[1]["own"] is True


async def test_a_device_without_one_says_so() -> None:
    async with bench() as device:
        for path in (API, PATH):
            assert (await device.get(path))[0] == 404
