"""The world of the permission matrix: a case at work, one that is settled, another one, and somebody of every role with a browser."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import aiohttp

from mediation.agreements.agreement import freeze_agreement, propose_terms
from mediation.agreements.certificate import issue_certificate
from mediation.agreements.outcome import outcome_of
from mediation.agreements.signature import send_signing_code
from mediation.cases.case import register_case
from mediation.cases.consent import give_consent
from mediation.cases.invitation import Invitation
from mediation.cases.party import PartyDraft
from mediation.documents.gate import Passed
from mediation.documents.sounds import keep_sound
from mediation.documents.telling import Told
from mediation.documents.upload import Arrived, begin_upload, finish_upload
from mediation.hearings.hearing import book_hearing
from mediation.hearings.tracks import tracks_of
from mediation.ids import new_id
from mediation.people.permission import Actor
from mediation.people.person import add_person
from mediation.people.signin import revoke_sign_in, sign_ins_of
from mediation.ports.blobs import Blobs, Stored
from mediation.record.bundle import make_export
from mediation.record.export import Wish, ask_for_export
from mediation.record.request import ask_erasure
from mediation.rooms.caucus import open_caucus
from mediation.rooms.channel import private_of, record_of, talks_of
from mediation.rooms.entrance import open_room
from mediation.rooms.message import post_message
from mediation.rooms.room import room_of
from mediation.work import Work
from tests.cast import CAST, STRANGER, Role
from tests.codes import code_sent_by
from tests.matrix.expected_routes import ROLES
from tests.mediation.agreements.scenes import sign, terms_for, the_version
from tests.mediation.documents.samples import a_pdf
from tests.mediation.hearings.taped import taped
from tests.mediation.record.bundles import submit
from tests.site import Site, Visitor
from tests.stories import Story, how
from tests.web.sending import PATCH, announcement

CAST_OF = {
    "cla": CAST["claimant"], "res": CAST["respondent"], "age": CAST["agent"], "med": CAST["mediator"],
    "jud": CAST["judge"], "cle": CAST["clerk"], "str": STRANGER,
    "gen": Role("Yu Han", "yu.han@example.org", "+8613800000010", None, "en"),
    "oth": Role("Qian Wu", "qian.wu@example.org", "+8613800000011", None, "en"),
    "oml": Role("Sun Li", "sun.li@example.org", "+8613800000012", "mediator", "en"),
    "far": Role("Zhou Zheng", "zhou.zheng@example.org", "+8613800000013", None, "en"),
}  # fmt: skip
"""`far` is the respondent of the other case, and asks for nothing here."""

READERS = {"out", "rev", "str", "cla"}
"""Who looks at pages with a browser; the others' programs ask for the same."""

NOBODY = "n0body"
"""An id of the right form behind which there is nothing."""


@dataclass(slots=True)
class World:
    """Ids by name (`case`, `case:other`, `file:caucus`), people by role, and a browser of each role."""

    site: Site
    people: dict[str, str]
    objects: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def id_of(self, name: str, role: str = "") -> str:
        """The id of a thing; `name@role` is a thing of which each role has one of its own."""
        if name.endswith(":none"):
            return NOBODY
        return self.objects.get(f"{name}@{role}") or self.objects[name]


@asynccontextmanager
async def a_world(site: Site, *, with_settled: bool = False) -> AsyncIterator[World]:
    """Plays everything that has to be there before somebody asks for it."""
    people = {role: site.house.do(add_person, by=None, **_fields(who)).id for role, who in CAST_OF.items()}
    world = World(site, people, {f"person:{role}": person for role, person in people.items()})
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        own = _case(world, "", claimant="cla", respondent="res", mediator="med")
        other = _case(world, ":other", claimant="oth", respondent="far", mediator="oml")
        if with_settled:
            _settled(world)
        _recordings(world, own)
        _caucus(world, own)
        _export(world, own)
        _erasure(world, own)
        await _files(world, http, own, other)
        async with _visitors(world):
            yield world


def _case(world: World, tag: str, *, claimant: str, respondent: str, mediator: str) -> Story:
    """A case in the midst of its mediation: a room, a meeting that is booked, a text that is frozen for signing."""
    house, people, is_own = world.site.house, world.people, tag != ":other"
    drafts = [
        PartyDraft(people[claimant], "claimant"),
        PartyDraft(people[respondent], "respondent"),
        PartyDraft(people[mediator], "mediator"),
    ]
    if is_own:
        drafts += [
            PartyDraft(people["age"], "agent", authority="special", represents=people[respondent]),
            PartyDraft(people["gen"], "agent", authority="general", represents=people[claimant]),
            PartyDraft(people["jud"], "judge"),
            PartyDraft(people["cle"], "clerk"),
        ]
    by = Actor(people["cle"], "clerk")
    case = house.do(
        register_case, by=by, title=f"Case{tag}", cause="lending", claim="86,000", parties=drafts
    ).id
    room = house.ask(room_of, case).id
    roles = {"claimant": people[claimant], "respondent": people[respondent], "mediator": people[mediator]}
    story = Story(house, roles | {"agent": people["age"]}, case, room, house.ask(record_of, room))
    for role in ("claimant", "respondent"):
        house.do(give_consent, by=story.actor(role), case=case, how=how())
    house.do(open_room, by=story.actor("mediator"), case=case)
    story.talks = house.ask(talks_of, room)
    meeting = house.do(
        book_hearing,
        by=story.actor("mediator"),
        case=case,
        title="First meeting",
        starts_at=house.clock.now + timedelta(days=2),
        minutes=60,
    )
    version = house.do(propose_terms, by=story.actor("mediator"), case=case, terms=terms_for(story))
    house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1)
    world.objects |= {
        f"case{tag}": case, f"room{tag}": room, f"record{tag}": story.record, f"talks{tag}": story.talks,
        f"hearing{tag}": meeting.id, f"agreement{tag}": version.agreement_id, f"digest{tag}": version.digest,
        f"private_claimant{tag}": house.ask(private_of, room, "claimant"),
        f"private_respondent{tag}": house.ask(private_of, room, "respondent"),
    }  # fmt: skip
    house.do(
        post_message, by=people[claimant], channel=story.talks, text="I can wait.", client_id=f"first{tag}"
    )
    return story


def _settled(world: World) -> None:
    """A second case of the same people, in which everything is done."""
    story = _case(world, ":settled", claimant="cla", respondent="res", mediator="med")
    house = world.site.house
    version = the_version(story, 1)
    for role in ("claimant", "respondent"):
        seen = {"agreement": version.agreement_id, "version": 1, "digest": version.digest}
        sign(story, role, version, code_sent_by(house, send_signing_code, by=story.actor(role), **seen))
    outcome = house.ask(outcome_of, story.case)
    assert outcome is not None
    issue_certificate(house.store, {"outcome": outcome.id})  # or the running server was faster
    world.objects["code"] = world.objects["number"] = outcome.code


def _recordings(world: World, story: Story) -> None:
    """One by consent, one by a judge's order, both over."""
    people = story.people | {"judge": world.people["jud"]}
    told = replace(story, people=people)
    for tag, order in (("", False), (":ordered", True)):
        recording = taped(told, order=order, tag=tag)
        world.objects[f"recording{tag}"] = recording
        (track,) = world.site.house.ask(tracks_of, recording)
        world.objects[f"track{tag}"] = track.id


def _caucus(world: World, story: Story) -> None:
    there = {"by": world.people["med"], "room": story.room, "people": [world.people["res"]]}
    channel = world.objects["caucus"] = world.site.house.do(open_caucus, **there, client_id="caucus")
    said = {"by": world.people["res"], "channel": channel, "text": "I could pay half."}
    world.site.house.do(post_message, **said, client_id="half")


def _export(world: World, story: Story) -> None:
    """The claimant's own: nobody else's, whoever else could make the same."""
    house, wish = world.site.house, Wish("record")
    export = house.do(
        ask_for_export, by=world.people["cla"], case=story.case, wish=wish, client_id="evidence"
    )
    make_export(house.store, {"export": export.id})  # or the running server was faster
    world.objects["export"] = export.id


def _erasure(world: World, own: Story) -> None:
    """The claimant has asked for an erasure, and nobody has decided."""
    what = {"classes": ["talks"], "reason": "It is over.", "client_id": "erase"}
    asked = world.site.house.do(ask_erasure, by=world.people["cla"], case=own.case, **what)
    world.objects["request"] = asked.id


async def _files(world: World, http: aiohttp.ClientSession, own: Story, other: Story) -> None:
    """A file in every kind of channel, and an upload that is not finished yet."""
    world.objects["talks:other"] = other.talks
    for name, channel, role in (
        ("record", own.record, "jud"), ("talks", own.talks, "cla"), ("caucus", "", "res"),
        ("private_claimant", "", "cla"), ("private_respondent", "", "res"), ("other", other.talks, "oth"),
    ):  # fmt: skip
        token = {"Authorization": f"Bearer {world.site.token(world.people[role])}"}
        place = await _announce(http, world.site.origin, channel or world.objects[name], token)
        patch = token | PATCH | {"Upload-Offset": "0"}
        async with http.patch(world.site.origin + place, headers=patch, data=a_pdf()) as done:
            world.objects[f"file:{name}"] = (await done.json())["document"]["id"]
    stored = Blobs(world.site.house.settings.data / "blobs").put([b"%PDF-1.7 an order"])
    order = world.site.house.do(submit, by=world.people["jud"], channel=own.record, stored=stored)
    world.objects["file:order"] = world.objects["number:order"] = order
    world.objects["number:walled"] = world.objects["file:private_claimant"]
    _voices(world, own)
    for tag, role in (("", "cla"), (":other", "oth")):
        token = {"Authorization": f"Bearer {world.site.token(world.people[role])}"}
        place = await _announce(http, world.site.origin, world.objects[f"talks{tag}"], token)
        world.objects[f"upload{tag}"] = place.removeprefix("/uploads/")


def _voices(world: World, own: Story) -> None:
    """Voice messages that can be played: in the talks and behind a wall; and one whose second form is still being made."""
    house, cla = world.site.house, world.people["cla"]
    blobs = Blobs(house.settings.data / "blobs")
    private = world.objects["private_claimant"]
    for name, channel in (("voice", own.talks), ("walled_voice", private), ("early_voice", own.talks)):
        upload = house.do(
            begin_upload, by=cla, channel=channel, client_id=name, purpose="message", name="voice.webm", size=1,
            told=Told("voice", "1"),
        )  # fmt: skip
        stored = blobs.put([b"voice"], wall=upload.wall)
        arrived = Arrived(Passed("voice.webm", "audio/webm", ms=700), stored)
        ready = None if name == "early_voice" else stored
        world.objects[f"file:{name}"] = house.do(_say, by=cla, upload=upload.id, arrived=arrived, ready=ready)


def _say(work: Work, *, by: str, upload: str, arrived: Arrived, ready: Stored | None) -> str:
    """In one unit, so that the running server cannot be faster with the second form."""
    finished = finish_upload(work, by=by, upload=upload, arrived=arrived)
    assert finished is not None
    assert finished.document is not None
    file: str = finished.document["id"]
    if ready is not None:
        keep_sound(work, file=file, stored=ready)
    return file


async def _announce(http: aiohttp.ClientSession, origin: str, channel: str, token: dict[str, str]) -> str:
    told = announcement(channel, size=len(a_pdf()), client_id=secrets.token_hex(4), filename="loan.pdf")
    async with http.post(f"{origin}/uploads", headers=token | told) as begun:
        assert begun.status == 201, await begun.text()
        return begun.headers["Location"]


@asynccontextmanager
async def _visitors(world: World) -> AsyncIterator[None]:
    """A browser of each role, each at a network address of its own, so that nobody uses up another's patience."""
    house, https = world.site.house, []
    world.objects["sign_in:other"] = min(_sign_ins(world, world.people["oth"]))
    for number, role in enumerate(ROLES):
        connector = aiohttp.TCPConnector(local_addr=(f"127.0.0.{number + 2}", 0))
        http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        https.append(http)
        person = "" if role == "out" else world.people["cla" if role == "rev" else role]
        before = _sign_ins(world, person)
        world.visitors[role] = replace(world.site, http=http).visitor(person)
        if person:
            (first,) = (one for one in _sign_ins(world, person) if one not in before)
            world.objects[f"sign_in:spare@{role}"] = first
            if role == "rev":
                house.do(revoke_sign_in, person=person, sign_in=first)
            else:  # the first one may be revoked by a row of the table, this one stays
                world.visitors[role] = replace(world.site, http=http).visitor(person)
        if (
            role not in READERS
        ):  # a refusal in a line of JSON is the same refusal, and takes a tenth of the time
            world.visitors[role].headers["Accept"] = "application/json"
        world.objects[f"token:many@{role}"] = invited(world, ("gen", "age", "jud")[number % 3])
    world.objects["sign_in:spare@out"] = NOBODY
    world.objects["token"] = invited(world, "cla")
    try:
        yield
    finally:
        for http in https:
            await http.close()


def _sign_ins(world: World, person: str) -> set[str]:
    house = world.site.house
    return {one.id for one in house.ask(sign_ins_of, person, house.clock.now)}


def invited(world: World, role: str) -> str:
    """The token of a link that was sent to somebody."""
    token = secrets.token_urlsafe(24)

    def invite_again(work: Work) -> None:
        facts = {"case_id": world.objects["case"], "person_id": world.people[role]}
        hashed = hashlib.sha256(token.encode()).hexdigest()
        times = {"sent_at": work.now, "expires_at": work.now + timedelta(days=7)}
        sent = work.add(Invitation(id=new_id(), token_hash=hashed, **facts, **times))
        told = {"person": sent.person_id, "invitation": sent.id}
        work.happened("invitation_sent", world.objects["record"], world.people["med"], public=told, body=told)

    world.site.house.do(invite_again)
    return token


def _fields(who: Role) -> dict[str, str | None]:
    return {
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "office": who.office,
        "locale": who.locale,
    }
