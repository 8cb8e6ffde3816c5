"""What every answer carries, which forms are turned away, and who may be connected: the promises of the edge."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import socketio
from socketio.exceptions import ConnectionError as NotConnected
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.cases.invitation import invite
from mediation.people.person import Person, add_person
from mediation.people.signin import ask_for_code, sign_ins_of
from mediation.record.entry import entries
from tests.cast import BO, CHEN
from tests.codes import code_sent_by
from tests.site import Site, Visitor
from tests.stories import Story, opened
from tests.web.letters import Letters
from web.app import all_routes
from web.session import FORM_COOKIE, SESSION_COOKIE

SNAPSHOT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(self)",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self' {socket}; font-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def away(site: Site) -> AsyncIterator[Site]:
    """The same site, asked from a network address of these tests alone: guessing has its budget for each address."""
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.77", 0))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield replace(site, http=http)


@pytest.fixture(scope="module")
def story(site: Site) -> Story:
    return opened(site.house)


def filled(path: str, story: Story | None = None) -> str:
    known = {"case": story.case, "room": story.room} if story else {}
    return re.sub(r"\{(\w+)\}", lambda part: known.get(part[1], "1"), path)


async def test_every_page_and_every_error_carries_the_headers(site: Site, story: Story) -> None:
    chen = site.visitor(story.people["claimant"])
    gets = [route.path for route in all_routes() if route.method == "GET"]
    expected = SNAPSHOT | {
        "Content-Security-Policy": SNAPSHOT["Content-Security-Policy"].format(
            socket=site.origin.replace("http", "ws", 1)
        )
    }
    missing, statuses = [], set()
    asked = [(chen, filled(path, story)) for path in gets] + [(site.visitor(), filled(path)) for path in gets]
    for visitor, path in [*asked, (chen, "/nowhere"), (chen, "/static/0/nothing.js")]:
        answer = await visitor.get(path)
        statuses.add(answer.status)
        got = {name: answer.headers.get(name) for name in expected}
        if got != expected:
            missing.append((path, answer.status, {k: v for k, v in got.items() if v != expected[k]}))
    assert not missing
    assert statuses >= {200, 303, 403, 404}


Forge = Callable[[Visitor, str], Mapping[str, Any]]
OWN = {"Sec-Fetch-Site": "same-origin"}
URL_ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


def forged(site: Site) -> dict[str, dict[str, Any]]:
    """Requests that no page of ours sends, each with the victim's own cookies."""
    token = site.server.store.keys.mac("form", "form-secret")
    form = {"csrf": token}
    own = {"Origin": site.origin} | OWN
    return {
        "foreign origin": {"headers": {"Origin": "https://evil.example"}, "data": form},
        "origin null": {"headers": {"Origin": "null"}, "data": form},
        "neither origin nor site": {"headers": {}, "data": form},
        "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}, "data": form},
        "same-site": {"headers": {"Sec-Fetch-Site": "same-site", "Origin": site.origin}, "data": form},
        "own origin as a prefix": {"headers": {"Origin": f"{site.origin}.evil.example"}, "data": form},
        "no token": {"headers": own, "data": {"other": "1"}},
        "another browser's token": {"headers": own, "data": {"csrf": "0" * 64}},
        "text/plain": {"headers": own | {"Content-Type": "text/plain"}, "data": f"csrf={token}"},
        "json": {"headers": own, "json": form},
        "no body": {"headers": own},
        "basic authorisation": {
            "headers": {"Origin": "https://evil.example", "Authorization": "Basic eDp4"},
            "data": form,
        },
    }


async def test_a_form_that_is_not_ours_changes_nothing(away: Site, story: Story) -> None:
    chen = away.visitor(story.people["claimant"])
    cookies = f"{SESSION_COOKIE}={chen.secret}; {FORM_COOKIE}={chen.form_secret}"
    before = away.house.ask(everything)
    posts = [route.path for route in all_routes() if route.method in {"POST", "PATCH"}]
    passed = []
    for path in posts:
        guessed = path.startswith(("/sign-in", "/invitations"))
        for name, how in forged(away).items():
            if guessed and name not in {"foreign origin", "no token", "basic authorisation"}:
                continue
            asked = {**how, "headers": {"Cookie": cookies, "Accept": "application/json", **how["headers"]}}
            async with away.http.post(
                away.origin + filled(path, story), allow_redirects=False, **asked
            ) as got:
                if got.status != 403 and not (got.status == 405 and path == "/uploads/{upload}"):
                    passed.append(f"{path}: {name} got {got.status}")
    assert not passed
    assert away.house.ask(everything) == before


async def test_an_upload_is_begun_by_no_foreign_page(away: Site, story: Story) -> None:
    chen = away.visitor(story.people["claimant"])
    headers = {
        "Cookie": f"{SESSION_COOKIE}={chen.secret}",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "1",
        "Origin": "https://evil.example",
    }
    for method, path in (("POST", "/uploads"), ("PATCH", "/uploads/1")):
        async with away.http.request(method, away.origin + path, headers=headers) as got:
            assert got.status == 403


def everything(session: Session) -> tuple[int, int]:
    """How much is in the record, and how many people there are."""
    count = select(func.count())
    return (
        session.scalar(count.select_from(entries)) or 0,
        session.scalar(count.select_from(Person)) or 0,
    )


async def test_the_session_cookie_is_new_at_each_sign_in_and_only_for_us(
    away: Site, letters: Letters
) -> None:
    visitor = away.visitor()
    visitor.secret = "planted-by-somebody-else"
    await visitor.post("/sign-in", {"address": CHEN.email})
    form = {"address": CHEN.email, "code": await letters.code(CHEN.phone)}

    answer = await visitor.post("/sign-in/code", form)

    (cookie,) = (text for text in answer.headers.getall("Set-Cookie") if text.startswith(SESSION_COOKIE))
    value, *attributes = (part.strip() for part in cookie.split(";"))
    names = {part.split("=")[0]: part for part in attributes}
    assert SESSION_COOKIE.startswith("__Host-")
    assert {"HttpOnly", "Secure"} <= names.keys()
    assert names["SameSite"] == "SameSite=Lax"
    assert names["Path"] == "Path=/"
    assert "Domain" not in names
    assert int(names["Max-Age"].partition("=")[2]) == 30 * 86400
    secret = value.partition("=")[2]
    assert len(secret) >= 40
    assert secret != visitor.secret
    assert (await visitor.get("/acts")).status == 303
    visitor.secret = secret
    assert (await visitor.get("/acts")).status == 200


async def test_the_form_cookie_is_for_us_alone(away: Site) -> None:
    async with away.http.get(f"{away.origin}/sign-in") as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
    assert cookie.startswith("__Host-form=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


@pytest.fixture
def letters(capsys: pytest.CaptureFixture[str]) -> Letters:
    return Letters(capsys)


async def browser_socket(site: Site, secret: str, origin: str | None) -> socketio.AsyncClient:
    """A connection as a browser makes it: by its cookie, from a page of some origin."""
    headers = {"Cookie": f"{SESSION_COOKIE}={secret}"} | ({"Origin": origin} if origin else {})
    http = aiohttp.ClientSession()
    client = socketio.AsyncClient(reconnection=False, http_session=http)
    try:
        await client.connect(site.origin, headers=headers, transports=["websocket"])
    except NotConnected:
        await client.disconnect()
        await http.close()
        raise
    client.on("disconnect", http.close)
    site.sockets.append(client)
    return client


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost:1"])
async def test_a_browser_connects_from_our_own_pages_only(
    site: Site, story: Story, origin: str | None
) -> None:
    secret = site.visitor(story.people["claimant"]).secret
    own = await browser_socket(site, secret, site.origin)
    assert own.connected

    with pytest.raises(NotConnected):
        await browser_socket(site, secret, origin)
    await own.disconnect()


async def ended(client: socketio.AsyncClient) -> None:
    """Returns when the server has said goodbye and hung up; two seconds are promised."""
    async with asyncio.timeout(2):
        while client.connected:
            await asyncio.sleep(0.01)


async def test_signing_out_ends_the_browsers_connection(site: Site, story: Story) -> None:
    chen = site.visitor(story.people["claimant"])
    client = await browser_socket(site, chen.secret, site.origin)
    other = await site.socket(site.token(story.people["claimant"]))
    said = asyncio.Event()
    client.on("signed_out", lambda _: said.set())

    await chen.post("/sign-out")

    await ended(client)
    assert said.is_set()
    assert other.connected


async def test_revoking_a_program_ends_its_connection_and_its_token(site: Site, story: Story) -> None:
    person = story.people["respondent"]
    known = {one.id for one in site.house.ask(sign_ins_of, person, site.house.clock.now)}
    token = site.token(person)
    (sign_in,) = (
        one.id for one in site.house.ask(sign_ins_of, person, site.house.clock.now) if one.id not in known
    )
    client = await site.socket(token)

    await site.visitor(person).post(f"/devices/{sign_in}/revocation")

    await ended(client)
    with pytest.raises(NotConnected):
        await site.socket(token)
    assert (await bearer(site, token)).status == 401


async def bearer(site: Site, token: str, path: str = "/acts", **cookies: str) -> aiohttp.ClientResponse:
    headers = {"Authorization": f"Bearer {token}"}
    async with site.http.get(site.origin + path, headers=headers, cookies=cookies) as answer:
        await answer.read()
        return answer


async def test_a_bearer_token_is_a_programs_and_a_session_is_a_browsers(site: Site, story: Story) -> None:
    chen = story.people["claimant"]
    token, secret = site.token(chen), site.visitor(chen).secret

    assert (await bearer(site, token)).status == 200
    assert (await bearer(site, "guessed")).status == 401
    assert (await bearer(site, secret)).status == 401
    as_cookie = site.visitor()
    as_cookie.secret = token
    assert (await as_cookie.get("/acts")).status == 303
    with pytest.raises(NotConnected):
        await site.socket(secret)


async def test_a_program_may_begin_by_polling(site: Site, story: Story) -> None:
    """Most libraries do, where nobody tells them otherwise; behind some proxies there is nothing else (Engine.IO 4)."""
    token = site.token(story.people["claimant"])
    address = f"{site.origin}/socket.io/?EIO=4&transport=polling"
    async with site.http.get(address) as opened_it:
        sid = json.loads((await opened_it.text())[1:])["sid"]
    async with site.http.post(f"{address}&sid={sid}", data=f"40{json.dumps({'token': token})}") as connecting:
        assert connecting.status == 200
    async with site.http.get(f"{address}&sid={sid}") as connected:
        assert (await connected.text()).startswith('40{"sid":')


async def test_a_field_that_is_not_asked_for_changes_nothing(site: Site, story: Story) -> None:
    chen = story.people["claimant"]
    client = await site.socket(site.token(chen))
    more = {"actor": story.people["mediator"], "office": "clerk", "kind": "case_settled", "is_admin": True}
    for name, value in more.items():
        asked = {"channel": story.talks, "client_id": f"m-{name}", "text": "x", name: value}
        assert (await client.call("post_message", asked, timeout=5))["error"]["code"] == "invalid"

    await site.visitor(chen).post("/language", more | {"locale": "zh-CN", "back": "/", "person": "x"})

    found = site.house.ask(lambda session: session.get_one(Person, chen))
    assert (found.office, found.name) == (None, CHEN.name)


@pytest.mark.parametrize(
    "path", ["/x\r\nSet-Cookie: a=b", "/\n/evil.example", "//evil.example", "/\\evil.example"]
)
async def test_no_header_is_made_of_what_somebody_typed(site: Site, story: Story, path: str) -> None:
    answer = await site.visitor(story.people["claimant"]).post("/language", {"locale": "en", "back": path})

    assert answer.headers["Location"] == "/"
    assert not [text for text in answer.headers.getall("Set-Cookie", []) if text.startswith("a=")]


async def test_a_name_with_line_breaks_is_one_line(site: Site) -> None:
    name = "Feng\r\nBcc: all@example.org\u202e\x00 Chu"
    person = site.house.do(add_person, by=None, name=name, email="feng.chu@example.org")

    assert person.name == "FengBcc: all@example.org Chu"


async def test_no_secret_is_ever_logged(
    away: Site, story: Story, letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor, bo = away.visitor(), away.visitor()
    await visitor.post("/sign-in", {"address": BO.email})
    code = await letters.code(BO.phone)
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    await visitor.post("/sign-in/code", {"address": BO.email, "code": wrong})
    answer = await visitor.post("/sign-in/code", {"address": BO.email, "code": code})
    visitor.secret = answer.cookies[SESSION_COOKIE].value
    await visitor.get("/acts")
    await visitor.get("/nowhere")
    away.house.do(invite, by=story.actor("mediator"), case=story.case, person=story.people["respondent"])
    link = await letters.link(BO.phone)
    await bo.get(link)
    token = away.token(story.people["respondent"])
    client = await away.socket(token)
    await client.call(
        "post_message", {"channel": story.talks, "client_id": "s", "text": "my floor"}, timeout=5
    )
    await client.call("no_such_request", {"token": token}, timeout=5)

    logged = caplog.text + "".join(str(record.args) for record in caplog.records)
    told = [code, wrong, visitor.secret, link.rpartition("/")[2], token, "my floor", BO.phone, BO.email]
    assert [secret for secret in told if secret in logged] == []


@pytest.mark.sqlite
async def test_a_secret_is_kept_as_its_hash(away: Site) -> None:
    code = code_sent_by(away.house, ask_for_code, address=CHEN.email)
    secret = away.visitor(away.house.ask(_chen)).secret
    token = away.token(away.house.ask(_chen))

    dumped = (away.house.settings.data / "mediation.db").read_bytes()
    dumped += (away.house.settings.data / "mediation.db-wal").read_bytes()
    assert secret.encode() not in dumped
    assert token.encode() not in dumped
    assert len(code) == 6


def _chen(session: Session) -> str:
    return session.scalars(select(Person.id).where(Person.email == CHEN.email)).one()
