"""Every page × every role: the answers are those of the table that was written by hand."""

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from aiohttp import ClientResponse

from mediation.record.verify import verify
from tests.matrix.expected_routes import EXPECTED, ROLES
from tests.matrix.world import NOBODY, READERS, World, a_world
from tests.mediation.documents.samples import a_pdf
from tests.site import Site
from tests.stories import how
from tests.web.sending import PATCH, TUS, announcement
from web.app import all_routes

FOREIGN = ("case", "room", "agreement", "hearing", "file", "upload", "sign_in", "export")
"""Things that belong to somebody: each route to one is also asked for somebody else's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    method: str
    path: str
    variant: str
    expected: Mapping[str, int]

    @property
    def route(self) -> tuple[str, str]:
        """The route behind it, as the application names it."""
        parts = [
            f"{{{part[1:-1].split(':')[0]}}}" if part[:1] == "{" else part for part in self.path.split("/")
        ]
        path = "/".join(parts).replace("/versions/1", "/versions/{number}")
        return self.method, path

    def objects(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part[:1] == "{"]

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f"?{self.variant}" if self.variant else "")


def rows() -> list[Row]:
    found = []
    for line in EXPECTED.splitlines():
        if line and not line.startswith("#"):
            method, place, *codes = line.split()
            path, _, variant = place.partition("?")
            found.append(Row(method, path, variant, dict(zip(ROLES, map(int, codes), strict=True))))
    return found


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    assert {row.route for row in rows()} == {(route.method, route.path) for route in all_routes()}


def test_every_route_to_a_thing_is_also_asked_for_somebody_elses() -> None:
    asked = {row.route for row in rows() if any(":" in name for name in row.objects())}
    to_things = {
        (route.method, route.path)
        for route in all_routes()
        if any(f"{{{thing}}}" in route.path for thing in FOREIGN)
    }
    assert asked >= to_things


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(site: Site) -> AsyncIterator[World]:
    async with a_world(site, with_settled=True) as made:
        yield made


async def test_every_role_gets_the_answer_of_the_table(world: World) -> None:
    wrong = []
    for row in rows():
        for role in ROLES:
            answer = await ask(world, row, role)
            if answer.status != row.expected[role]:
                wrong.append(f"{row}: {role} got {answer.status}, not {row.expected[role]}")
            elif row.method == "GET" and answer.status == 404 and role in READERS and row.objects():
                wrong += await told_apart(world, row, role, answer)
    assert not wrong, "\n".join(wrong)
    said: list[str] = []
    kept = world.site.house.settings
    assert verify(kept.data, say=said.append, database=kept.database) == 0, said


async def told_apart(world: World, row: Row, role: str, answer: ClientResponse) -> list[str]:
    """What is not theirs must read like what does not exist."""
    path = place(world, row, role)
    nothing = path.replace(world.id_of(row.objects()[0], role), NOBODY)
    unreal = await world.visitors[role].get(nothing)
    same = (await answer.text()).replace(path, "…") == (await unreal.text()).replace(nothing, "…")
    return [] if same else [f"{row}: {role} can tell it from one that does not exist"]


async def ask(world: World, row: Row, role: str) -> ClientResponse:
    path = place(world, row, role)
    visitor = world.visitors[role]
    if row.route[1].startswith("/uploads"):
        return await by_tus(world, row, role, path)
    if row.method == "GET":
        query = "?from=1&to=1" if row.path.endswith("/comparison") else ""
        return await visitor.get(path + query)
    return await visitor.post(path, form(world, row, role))


def place(world: World, row: Row, role: str) -> str:
    path = row.path
    for name in row.objects():
        path = path.replace(f"{{{name}}}", world.id_of(name, role))
    return path


async def by_tus(world: World, row: Row, role: str, path: str) -> ClientResponse:
    """The requests of an upload: an announcement in a channel, or the bytes and the offset of one."""
    headers = {}
    if row.method == "POST":
        name = {"other": "talks:other", "none": "talks:none", "record_document": "record"}.get(
            row.variant, row.variant
        )
        purpose = "document" if row.variant == "record_document" else "message"
        told = {"client_id": f"{role}-{row.variant}", "filename": "loan.pdf", "purpose": purpose}
        headers = announcement(world.id_of(name), size=9, **told)
    elif row.method == "PATCH":
        headers = PATCH | {"Upload-Offset": "0"}
    elif row.method == "HEAD":
        headers = TUS
    data = a_pdf()[:1] if row.method == "PATCH" else None
    return await world.visitors[role]._ask(row.method, path, headers=headers, data=data)


def form(world: World, row: Row, role: str) -> dict[str, Any]:
    """What a page's own form would send: complete, so that only the right to do it is in question."""
    _, path = row.route
    fields = FORMS.get(path, {})
    if path in {"/agreements/{agreement}/code", "/agreements/{agreement}/signature"}:
        tag = row.objects()[0].removeprefix("agreement")
        return fields | {"seen": world.objects[f"digest{tag}"]}
    if path == "/cases/{case}/exports":
        is_scope = row.variant in {"record", "own"}
        scope = row.variant if is_scope else f"channel:{world.id_of(row.variant)}"
        return {"scope": scope, "client_id": secrets.token_hex(8)}
    if path == "/cases/{case}/keeping/hold":
        return {
            "hold": row.variant,
            "why": "dispute",
            "hold_reason": "It is disputed.",
            "client_id": f"{row.variant}-{role}",
        }
    if path == "/cases/{case}/keeping/requests/{request}":
        return {"answer": "refused", f"reason_{world.id_of(row.objects()[1])}": "It is needed."}
    if path == "/cases/{case}/agreement":
        return {"do": row.variant, "base": "1", "final": "yes"}
    if path == "/cases/{case}/invitations":
        person = {"med": "res", "cle": "med", "oml": "far"}.get(role, "res")
        return {"person": world.people[person]}
    if path == "/cases":
        sides = {"claimant": world.people["cla"], "respondent": world.people["res"]}
        return fields | sides | {"mediator": world.people["med"]}
    return {name: value.format(role=role) for name, value in fields.items()}


MEETING = {"title": "Second meeting", "date": "2099-01-11", "time": "09:00", "minutes": "60"}
FORMS: dict[str, dict[str, str]] = {
    "/sign-in": {"address": "{role}@nowhere.example.org"},
    "/sign-in/code": {"address": "{role}@nowhere.example.org", "code": "000000"},
    "/language": {"locale": "en", "back": "/"},
    "/theme": {"theme": "dark", "back": "/"},
    "/invitations/{token}": {"code": "wrong"},
    "/people": {"name": "Feng Chu", "email": "{role}@new.example.org", "locale": "en"},
    "/cases": {"title": "A new case", "cause": "lending"},
    "/cases/{case}/consent": {"answer": "give", "declared": "yes", "version": how().version},
    "/cases/{case}/keeping/requests": {"classes": "talks", "ask_reason": "It is over."},
    "/cases/{case}/hearings": MEETING,
    "/hearings/{hearing}": MEETING | {"reason": "The train was late"},
    "/hearings/{hearing}/cancellation": {"cancel_reason": "The judge is ill"},
    "/cases/{case}/ending": {"reason": "too_far_apart", "sure": "yes", "note": "They are too far apart."},
    "/files/{file}/withdrawal": {"reason": "The date was wrong"},
    "/agreements/{agreement}/freeze": {"version": "1"},
    "/agreements/{agreement}/code": {"version": "1"},
    "/agreements/{agreement}/signature": {"version": "1", "code": "wrong", "willing": "yes"},
    "/agreements/{agreement}/refusal": {"version": "1", "sure": "yes"},
}
