"""The API under a program that nobody here wrote: schemathesis makes requests from our OpenAPI, right and wrong ones.

No answer may be a 500, have a status or type that is not described, or differ from its schema.
"""

import asyncio
from collections.abc import AsyncIterator

import hypothesis
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fakes.board import SILENT, FakeBatteries
from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.domain.limits import limits_of
from webmanager.engine.alarming import AlarmDesk
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings
from webmanager.web.site.parts import Parts

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
STREAMS = {"/api/v1/live"}
ENDS_THE_LOGIN = {("PUT", "/api/v1/password")}
QUIET = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest_asyncio.fixture
async def device() -> AsyncIterator[Bench]:
    """A device with alarms and settings, some of whose batteries are silent."""
    batteries = FakeBatteries(silent=SILENT)
    desk = AlarmDesk(batteries.installation, limits_of(), at=0.0)
    async with bench(batteries=batteries, parts=Parts(alarms=desk, settings=SettingsDesk(Settings()))) as started:
        yield started


def attacked(url: str, document: dict[str, object]) -> list[str]:
    """What is wrong with the answers of a device, one line each; runs in a thread of its own."""
    schema = schemathesis.openapi.from_dict(document)
    wrong: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in STREAMS or (operation.method.upper(), operation.path) in ENDS_THE_LOGIN:
            continue

        @QUIET
        @hypothesis.given(case=operation.as_strategy())
        def attack(case: schemathesis.Case) -> None:
            answer = case.call(base_url=url, headers=basic(USER, PASSWORD), timeout=10)
            case.validate_response(answer, checks=CHECKS)

        try:
            attack()
        except BaseException as error:
            wrong.append(f"{operation.method.upper()} {operation.path}: {error}")
    return wrong


async def test_no_answer_is_an_error_of_ours_or_differs_from_its_description(device: Bench) -> None:
    _, document, _ = await device.get("/api/v1/openapi.json")
    wrong = await asyncio.to_thread(attacked, device.url, document)
    assert wrong == [], "\n\n".join(wrong)
