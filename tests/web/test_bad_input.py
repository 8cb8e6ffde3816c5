"""What goes wrong in real life, and what somebody tries on purpose: each gets its clear answer, and nothing is lost or leaked."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from itertools import count
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update
from yarl import URL

from mediation.agreements.agreement import AgreementVersion
from mediation.agreements.signature import Signature, send_signing_code
from mediation.cases.invitation import Invitation, invitations_of, invite, revoke_invitation
from mediation.people.code import Code, check_code, issue_code
from mediation.people.person import Person
from mediation.people.signin import ask_for_code
from mediation.record.entry import entries
from tests.cast import BO, CHEN
from tests.codes import code_sent_by
from tests.mediation.agreements.scenes import frozen
from tests.site import Site
from tests.stories import Story, opened
from tests.web.letters import Letters

PERSON = "nobody.at.all@example.org"
ADDRESSES = count(2)
"""Guessing has its budget for each network address, so each test comes from one of its own."""


@pytest.fixture
def letters(capsys: pytest.CaptureFixture[str]) -> Letters:
    return Letters(capsys)


@pytest_asyncio.fixture
async def away(site: Site) -> AsyncIterator[Site]:
    """The site, asked from an address of this test's own; nobody has asked for a code yet."""
    site.house.do(lambda work: work.session.execute(update(Code).values(person_id="earlier")))
    connector = aiohttp.TCPConnector(local_addr=(f"127.0.9.{next(ADDRESSES)}", 0))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield replace(site, http=http)


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


def wrong_for(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


async def tries(site: Site, address: str, codes: list[str]) -> list[tuple[int, str]]:
    """Status and sentence of each try at signing in."""
    answers = []
    for code in codes:
        answer = await site.visitor().post("/sign-in/code", {"address": address, "code": code})
        found = re.search(r'id="code-wrong".*?<span>(.*?)</span>', await answer.text(), re.DOTALL)
        answers.append((answer.status, unescape(found[1]).strip() if found else ""))
    return answers


async def test_after_five_wrong_codes_the_right_one_opens_nothing_and_a_new_one_does(
    away: Site, story: Story
) -> None:
    code = code_sent_by(away.house, ask_for_code, address=CHEN.email)
    guesses = [wrong_for(code, n) for n in range(1, 6)]

    answers = await tries(away, CHEN.email, [*guesses, code])

    assert [status for status, _ in answers] == [422, 422, 422, 422, 429, 429]
    assert all(sentence for _, sentence in answers)
    assert "4" in answers[0][1]
    another = code_sent_by(away.house, ask_for_code, address=CHEN.email)
    assert (await tries(away, CHEN.email, [another]))[0][0] == 303


async def test_an_address_that_nobody_has_is_answered_like_one_that_somebody_has(
    away: Site, story: Story
) -> None:
    """Each page, word for word: who tries addresses learns nothing, however often they try."""
    code = code_sent_by(away.house, ask_for_code, address=CHEN.email)
    await away.visitor().post("/sign-in", {"address": PERSON})
    guesses = [wrong_for(code, n) for n in range(1, 8)]

    assert await tries(away, PERSON, guesses) == await tries(away, CHEN.email, guesses)

    asked: dict[str, list[int]] = {PERSON: [], CHEN.email: []}
    for address, statuses in asked.items():
        for _ in range(10):
            statuses.append((await away.visitor().post("/sign-in", {"address": address})).status)
    assert asked[PERSON] == asked[CHEN.email]
    assert asked[PERSON][-1] == 429


async def test_no_code_signs_in_at_an_address_that_nobody_has(away: Site, story: Story) -> None:
    await away.visitor().post("/sign-in", {"address": PERSON})

    assert [status for status, _ in await tries(away, PERSON, ["", " ", "000000"])] == [422] * 3


async def test_tries_at_the_same_time_all_count(away: Site, story: Story) -> None:
    code = code_sent_by(away.house, ask_for_code, address=CHEN.email)
    guesses = [wrong_for(code, n) for n in range(1, 20)]

    answers = await asyncio.gather(*(tries(away, CHEN.email, [guess]) for guess in guesses))

    assert sorted(answer[0][0] for answer in answers) == [422] * 4 + [429] * 15
    assert (await tries(away, CHEN.email, [code]))[0][0] == 429


async def test_who_guesses_at_a_sign_in_keeps_nobody_from_signing(away: Site, story: Story) -> None:
    chen = story.people["claimant"]
    for _ in range(4):
        code = code_sent_by(away.house, ask_for_code, address=CHEN.email)
        await tries(away, CHEN.email, [wrong_for(code, n) for n in range(1, 6)])

    own = code_sent_by(away.house, issue_code, person=chen, purpose="sign_agreement", bound="a text")

    away.house.do(check_code, person=chen, purpose="sign_agreement", bound="a text", code=own)


async def test_a_scanner_that_opens_a_link_again_and_again_does_not_use_it_up(
    away: Site, story: Story, letters: Letters
) -> None:
    away.house.do(invite, by=story.actor("mediator"), case=story.case, person=story.people["respondent"])
    link = await letters.link(BO.phone)
    scanner = away.visitor()
    looked = [(await scanner.get(link)).status for _ in range(15)]
    looked += [(await scanner._ask("HEAD", link)).status for _ in range(15)]

    await away.visitor().post(f"{link}/code")
    arrived = await away.visitor().post(link, {"code": await letters.code(BO.phone)})

    assert set(looked) == {200}
    assert arrived.status == 303
    assert "__Host-session" in arrived.headers["Set-Cookie"]


@pytest.mark.parametrize("how_it_ended", ["revoked", "expired", "replaced"])
async def test_a_link_that_has_ended_says_so_sends_nothing_and_opens_nothing(
    away: Site, story: Story, letters: Letters, how_it_ended: str
) -> None:
    person, mediator = story.people["respondent"], story.actor("mediator")
    sent = away.house.do(invite, by=mediator, case=story.case, person=person).id
    link = await letters.link(BO.phone)
    if how_it_ended == "revoked":
        away.house.do(revoke_invitation, by=mediator, case=story.case, invitation=sent)
    else:
        over = {
            "expires_at" if how_it_ended == "expired" else "revoked_at": away.house.clock.now
            - timedelta(hours=1)
        }
        away.house.do(
            lambda work: work.session.execute(update(Invitation).where(Invitation.id == sent).values(**over))
        )
    before = len(away.house.ask(invitations_of, story.case))

    page = await away.visitor().get(link)
    code = await away.visitor().post(f"{link}/code")
    opened_it = await away.visitor().post(
        link, {"code": code_sent_by(away.house, ask_for_code, address=BO.email)}
    )

    assert f'action="{link}/code"' not in await page.text()
    assert code.status == 422
    assert opened_it.status == 422
    assert "__Host-session" not in opened_it.headers.get("Set-Cookie", "")
    assert len(away.house.ask(invitations_of, story.case)) == before


MARKUP = "<script>window.__x=1</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


async def test_a_name_with_markup_in_it_is_shown_as_it_was_typed(site: Site, story: Story) -> None:
    clerk = site.visitor(story.people["clerk"])
    fields = {"name": MARKUP, "email": "markup@example.org", "locale": "en"}
    assert (await clerk.post("/people", fields)).status == 303
    person = site.house.ask(
        lambda session: session.scalars(select(Person.id).where(Person.email == fields["email"])).one()
    )
    sides = {
        "claimant": person,
        "respondent": story.people["respondent"],
        "mediator": story.people["mediator"],
    }
    made = await clerk.post("/cases", {"title": MARKUP, "cause": MARKUP, "claim": MARKUP, **sides})
    case = made.headers["Location"]
    pages = ["/people", "/cases", case, f"{case}/consent", f"{case}/hearings", f"{case}/agreement"]

    shown = [await (await clerk.get(path)).text() for path in pages]
    own = await (await site.visitor(person).get("/")).text()

    for text in [*shown, own]:
        assert "<script>window" not in text
        assert "<img src=x" not in text
    assert MARKUP in unescape(shown[0])
    assert MARKUP in unescape(shown[2])


async def test_what_was_typed_wrong_comes_back_as_it_was_typed(site: Site, story: Story) -> None:
    clerk = site.visitor(story.people["clerk"])

    answer = await clerk.post("/people", {"name": MARKUP, "email": MARKUP})

    text = await answer.text()
    assert answer.status == 422
    assert "<script>window" not in text
    assert MARKUP in unescape(text)


async def test_a_message_of_a_hundred_thousand_characters_is_refused_with_its_limit(
    site: Site, story: Story
) -> None:
    chen = await site.socket(site.token(story.people["claimant"]))
    said = {"channel": story.talks, "client_id": "long", "text": "长" * 100_000}

    answer = await chen.call("post_message", said, timeout=10)
    after = await chen.call("post_message", said | {"text": "Shorter.", "client_id": "short"}, timeout=5)

    assert answer["error"]["code"] == "too_large"
    assert re.search("10[,，]?000", answer["error"]["message"])
    assert after["seq"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "half a sign: \ud83d"),
        ("client_id", "\udc00"),
        ("channel", "\ud800"),
        ("text", {"a": 1}),
        ("text", None),
        ("seq", 2**70),
        ("reply_to", -1),
        ("reply_to", 1.5),
        ("reply_to", 99),
        ("mentions", ["somebody else"]),
        ("mentions", "text"),
        ("client_id", ""),
        ("client_id", "x" * 65),
        ("text", " \n\t "),
        ("text", ""),
    ],
)
async def test_what_cannot_be_kept_is_refused_as_invalid(
    site: Site, story: Story, field: str, value: object
) -> None:
    chen = await site.socket(site.token(story.people["claimant"]))
    said = {"channel": story.talks, "client_id": "k", "text": "x", field: value}

    answer = await chen.call("post_message", said, timeout=5)

    assert answer["error"]["code"] == "invalid"


async def test_signs_of_every_kind_come_back_as_they_were_sent(site: Site, story: Story) -> None:
    chen = await site.socket(site.token(story.people["claimant"]))
    text = '𠮷 👩🏽‍⚖️ \u0000\u200b\u202e é e\u0301 \\ " <b> 8 600 000'
    said = {"channel": story.talks, "client_id": "k", "text": text}

    await chen.call("post_message", said, timeout=5)

    read = await chen.call("read_entries", {"channel": story.talks, "after": 0}, timeout=5)
    assert read["entries"][-1]["body"]["text"] == text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=nonsense", b"address=a"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"address=\xff\xfe"),
        ("application/x-www-form-urlencoded", b"address=%ff%fe&csrf=%00"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: nothing\r\n\r\nx"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A" * 20_000),
    ],
)
async def test_a_broken_form_is_refused_without_an_error_of_ours(
    away: Site, caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, "Origin": away.origin, "Sec-Fetch-Site": "same-origin"}
    async with away.http.post(f"{away.origin}/sign-in", data=body, headers=headers) as answer:
        assert 400 <= answer.status < 500
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "path",
    [
        "/cases/%00",
        "/cases/%ff",
        "/files/..%2f..%2fetc%2fpasswd",
        "/cases/" + "x" * 5000,
        "/acts?before=%00%ff",
    ],
)
async def test_an_odd_address_is_no_error_of_ours(
    site: Site, story: Story, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    async with site.http.get(
        URL(site.origin + path, encoded=True),
        headers={"Authorization": f"Bearer {site.token(story.people['claimant'])}"},
    ) as answer:
        # What no column of PostgreSQL can hold is refused as such; SQLite looks for it and finds nothing.
        assert answer.status in ({200, 404, 422} if site.house.settings.database else {200, 404})
    assert not [record for record in caplog.records if record.exc_info]


AT_ONCE = 20


def signatures(site: Site, version: AgreementVersion, story: Story) -> tuple[int, int]:
    """How many rows and how many entries there are."""

    def both(session: Any) -> tuple[int, int]:
        rows = select(func.count()).where(Signature.agreement_id == version.agreement_id)
        told = select(func.count()).where(
            entries.c.channel == story.record, entries.c.kind == "agreement_signed"
        )
        return session.scalar(rows), session.scalar(told)

    return site.house.ask(both)


def signing_code(site: Site, story: Story, version: AgreementVersion) -> str:
    text = {"agreement": version.agreement_id, "version": 1, "digest": version.digest}
    return code_sent_by(site.house, send_signing_code, by=story.actor("claimant"), **text)


@pytest.mark.parametrize("own_keys", [True, False])
async def test_the_same_signature_twenty_times_at_once_at_the_desk(
    away: Site, story: Story, own_keys: bool
) -> None:
    site, version = away, frozen(story)
    code = signing_code(site, story, version)
    clients = [await site.socket(site.token(story.people["claimant"])) for _ in range(5)]
    asked = {"agreement": version.agreement_id, "version": 1, "digest": version.digest, "code": code}

    answers = await asyncio.gather(
        *(
            clients[n % 5].call(
                "sign_agreement", asked | {"client_id": f"{n if own_keys else 0}"}, timeout=10
            )
            for n in range(AT_ONCE)
        )
    )

    assert "error" not in answers[0], answers[0]
    assert all(answer == answers[0] for answer in answers)
    assert signatures(site, version, story) == (1, 1)


async def test_the_same_signature_twenty_times_at_once_by_form(away: Site, story: Story) -> None:
    site, version = away, frozen(story)
    fields = {"version": "1", "seen": version.digest, "willing": "yes", "client_id": "once"}
    fields["code"] = signing_code(site, story, version)
    chen = site.visitor(story.people["claimant"])

    answers = await asyncio.gather(
        *(chen.post(f"/agreements/{version.agreement_id}/signature", fields) for _ in range(AT_ONCE))
    )

    assert {answer.status for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert signatures(site, version, story) == (1, 1)
