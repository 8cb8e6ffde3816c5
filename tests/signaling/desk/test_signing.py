"""Signing from the room: the code comes by message, the signature is an entry that everybody hears, the certificate follows."""

import asyncio
import re
from typing import Any

import pytest
import socketio

from mediation.agreements.agreement import AgreementVersion
from tests.mediation.agreements.scenes import frozen
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


def signing(version: AgreementVersion, **more: Any) -> dict[str, Any]:
    return {"agreement": version.agreement_id, "version": 1, "digest": version.digest, **more}


async def code_of(
    client: socketio.AsyncClient, version: AgreementVersion, capsys: pytest.CaptureFixture[str]
) -> str:
    """Asks for a code and reads the message that the console shows."""
    sent = await client.call("send_signing_code", signing(version), timeout=5)
    assert "****" in sent["sent_to"], sent
    shown = ""
    async with asyncio.timeout(10):
        while not (found := re.search(r"(?<!\d)\d{6}(?!\d)", shown)):
            await asyncio.sleep(0.02)
            shown += capsys.readouterr().err
    return found[0]


async def test_both_sides_sign_and_the_certificate_follows(
    site: Site, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    version = frozen(story)
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    judge = await site.socket(site.token(story.people["judge"]))
    judge.on("entry", heard.put)
    await judge.call("enter_room", {"room": story.room}, timeout=5)
    answers = []
    for role in ("claimant", "agent"):
        client = await site.socket(site.token(story.people[role]))
        code = await code_of(client, version, capsys)
        answers.append(
            await client.call("sign_agreement", signing(version, code=code, client_id="k"), timeout=5)
        )

    kinds = []
    async with asyncio.timeout(20):
        while "certificate_issued" not in kinds:
            kinds.append((await heard.get())["kind"])

    assert [answer["effective"] for answer in answers] == [False, True]
    assert kinds == ["agreement_signed"] * 2 + ["agreement_effective", "case_settled", "certificate_issued"]


@pytest.mark.parametrize(
    ("role", "code"), [("stranger", "not_found"), ("judge", "not_found"), ("mediator", "not_allowed")]
)
async def test_who_has_nothing_to_sign_gets_an_answer(site: Site, story: Story, role: str, code: str) -> None:
    version = frozen(story)
    client = await site.socket(site.token(story.people[role]))

    for name, more in (("send_signing_code", {}), ("sign_agreement", {"code": "1", "client_id": "k"})):
        answer = await client.call(name, signing(version, **more), timeout=5)
        assert answer["error"]["code"] == code


async def test_another_text_than_the_frozen_one_is_refused(site: Site, story: Story) -> None:
    version = frozen(story)
    client = await site.socket(site.token(story.people["claimant"]))

    answer = await client.call("send_signing_code", signing(version) | {"digest": "0" * 64}, timeout=5)

    assert answer["error"]["code"] == "wrong_state"
    assert "version 1" in answer["error"]["message"] or "第 1 版" in answer["error"]["message"]
