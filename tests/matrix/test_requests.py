"""Every request of the desk × every role: the answers are those of the table that was written by hand."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import socketio
from socketio.exceptions import ConnectionError as NotConnected

import signaling.desk  # noqa: F401 - fills the table
from mediation.people.person import acts_of
from mediation.people.signin import open_sign_in, revoke_sign_in, sign_ins_of
from signaling.desk.desk import BUDGET
from signaling.desk.table import TABLE
from tests.matrix.expected_requests import EXPECTED, ROLES, WORDS
from tests.matrix.world import World, a_world
from tests.signaling.protocol import examples, sections
from tests.site import Site

EXAMPLES = {name: examples(text)[0] for name, text in sections(pushes=False).items()}
OPUS = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}
SOUND = {"codecs": [OPUS], "encodings": [{"ssrc": 4711}], "headerExtensions": [], "rtcp": {"cname": "c"}}
DTLS = {"role": "client", "fingerprints": [{"algorithm": "sha-256", "value": ":".join(["AB"] * 32)}]}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    request: str
    thing: str
    expected: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.request} {self.thing}"


def rows() -> list[Row]:
    found = []
    for line in EXPECTED.splitlines():
        if line and not line.startswith("#"):
            request, thing, *answers = line.split()
            words = (WORDS[answer] for answer in answers)
            found.append(Row(request, thing, dict(zip(ROLES, words, strict=True))))
    return found


def test_every_request_has_its_row_and_every_row_its_request() -> None:
    assert {row.request for row in rows()} == set(TABLE)


def test_every_request_is_also_asked_by_who_may_not() -> None:
    harmless = {"leave_stage", "close_page"}
    refused = {row.request for row in rows() if "not_found" in row.expected.values()}
    assert refused == set(TABLE) - harmless


@dataclass(slots=True)
class Desk:
    """The world, and a connection of each role."""

    world: World
    clients: dict[str, socketio.AsyncClient]
    made: dict[str, str]

    async def ask(self, role: str, name: str, payload: Any) -> Any:
        return await self.clients[role].call(name, payload, timeout=10)

    def id_of(self, thing: str) -> str:
        return self.made.get(thing) or self.world.id_of(thing)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(site: Site) -> AsyncIterator[Desk]:
    async with a_world(site) as world:
        clients = {role: await site.socket(site.token(world.people[role])) for role in ROLES}
        acts = site.house.ask(acts_of, world.people["cla"])
        yield Desk(world, clients, {"acts": acts})


async def test_every_role_gets_the_answer_of_the_table(desk: Desk) -> None:
    wrong = []
    for number, row in enumerate(rows()):
        await set_the_stage(desk, row)
        for role in ROLES:
            answer = await desk.ask(role, row.request, payload(desk, row, role, f"{number}"))
            got = answer["error"]["code"] if "error" in answer else "ok"
            note(desk, row, role, answer)
            if got != row.expected[role]:
                wrong.append(f"{row}: {role} got {got}, not {row.expected[role]}")
    assert not wrong, "\n".join(wrong)


def payload(desk: Desk, row: Row, role: str, act: str) -> dict[str, Any]:
    """The example of PROTOCOL.md with this row's object in it: complete, so that only the right to it is in question."""
    thing, _, beside = row.thing.partition("+")
    asked = {name: value for name, value in EXAMPLES[row.request].items() if name not in LEFT_OUT}
    people, beside_is = desk.world.people, {"other": "oth", "mediator": "med"}.get(beside, "cla")
    ids: dict[str, Any] = {"client_id": act, "seq": 2 if row.request in OF_WHAT_WAS_TAKEN_BACK else 1}
    if "agreement" in asked:
        digest = desk.world.objects.get(f"digest{thing.removeprefix('agreement')}", "0" * 64)
        ids |= {"agreement": desk.id_of(thing), "version": 1, "digest": digest}
    elif "transportId" in asked or "consumerId" in asked or "producerId" in asked:
        ids |= media(desk, row, role)
    else:
        ids |= {"channel": desk.id_of(thing), "room": desk.id_of(thing), "person": people[beside_is]}
        ids |= {"people": [people["oth" if beside == "other" or ":other" in thing else "res"]]}
    if beside == "notice":
        ids["seq"] = int(desk.made[f"notice:{thing}"])
    if "concern" in asked:
        ids["concern"] = desk.id_of(thing)
    if beside in ("alone", "bench"):
        terms = {"accepts_terms": True} if "accepts_terms" in asked else {}
        asked |= {"form": beside} | terms
        ids["people"] = [people["res" if beside == "alone" else "cle"]]
    if beside.startswith("talks"):
        asked["to"] = desk.id_of(beside)
    if beside.startswith("hearing"):
        asked["hearing"] = desk.id_of(beside)
    return asked | {name: value for name, value in ids.items() if name in asked}


LEFT_OUT = {"reply_to", "mentions", "location", "message", "seat", "hearing", "but"}
"""What an example shows and a row does not need."""

OF_WHAT_WAS_TAKEN_BACK = {
    "recall_message", "ask_unsealing", "order_unsealing", "refuse_unsealing", "unseal_message", "look_at_message"
}  # fmt: skip
"""The second message of the talks is the one that is taken back."""


def media(desk: Desk, row: Row, role: str) -> dict[str, Any]:
    own = desk.made.get(f"transport:{role}:{'recv' if row.request == 'consume' else 'send'}", "none")
    transport = {"transport": "transport:cla:send", "transport:mediator": "transport:med:recv"}.get(row.thing)
    return {
        "transportId": desk.made.get(transport or "", own),
        "producerId": desk.made.get("producer", "none"),
        "consumerId": desk.made.get("consumer", "none"),
        "rtpParameters": SOUND, "dtlsParameters": DTLS,
        "rtpCapabilities": {"codecs": [OPUS | {"kind": "audio"}], "headerExtensions": []},
    }  # fmt: skip


async def set_the_stage(desk: Desk, row: Row) -> None:
    """What has to be there before a row is asked; the rows are about rights, and not about who asks too much at once."""
    for connection in desk.world.site.signaling.desk.connections.values():
        connection.budget = BUDGET
    if row.request == "consume" and "transport:med:recv" not in desk.made:
        for role in ("cla", "med", "res"):  # the respondent waits, and may not hear
            opened = await desk.ask(role, "open_transport", {"room": desk.id_of("room"), "direction": "recv"})
            desk.made[f"transport:{role}:recv"] = opened["id"]


def note(desk: Desk, row: Row, role: str, answer: Mapping[str, Any]) -> None:
    """Keeps the ids of what was made, for the rows below."""
    if row.request == "open_transport" and row.thing == "room" and "id" in answer:
        desk.made[f"transport:{role}:send"] = answer["id"]
    name = {"produce": "producer", "consume": "consumer"}.get(row.request)
    if name is not None and "id" in answer:
        desk.made[name] = answer["id"]
    if row.request == "pin_notice" and "seq" in answer:
        desk.made[f"notice:{row.thing}"] = str(answer["seq"])
    if row.request == "open_caucus" and row.thing == "room" and "channel" in answer:
        desk.made["caucus:new"] = answer["channel"]
    if row.request == "report_concern" and "concern" in answer:
        desk.made["concern"] = answer["concern"]


async def test_who_is_signed_out_or_was_revoked_has_no_connection(desk: Desk) -> None:
    house, person = desk.world.site.house, desk.world.people["str"]
    before = {one.id for one in house.ask(sign_ins_of, person, house.clock.now)}
    token = house.do(open_sign_in, person=person, kind="program", way="operator", device="revoked")
    (made,) = (one.id for one in house.ask(sign_ins_of, person, house.clock.now) if one.id not in before)
    house.do(revoke_sign_in, person=person, sign_in=made)

    for auth in (None, {}, {"token": ""}, {"token": "guessed"}, {"token": 5}, {"token": token}):
        client = socketio.AsyncClient(reconnection=False)
        said: list[object] = []
        client.on("connect_error", said.append)
        with pytest.raises(NotConnected):
            await client.connect(desk.world.site.origin, auth=auth, transports=["websocket"])
        await client.disconnect()
        assert said == [{"message": "not_signed_in"}]
