"""The hands of the tests that send and fetch files: programs of the cast, asking the real pages."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from mediation.clock import utc_now
from mediation.people.signin import open_sign_in
from mediation.store import Store
from tests.conftest import House
from tests.mediation.documents import samples
from tests.stories import Story, opened
from web.app import make_app

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}
PDF = samples.a_pdf(b"% " + bytes(range(33, 127)) * 8000 + b"\n")


@dataclass
class Depot:
    """The pages of uploads and files, and people's programs that ask for them."""

    story: Story
    client: TestClient[web.Request, web.Application]
    tokens: dict[str, str]

    @property
    def blobs(self) -> Path:
        return self.story.house.settings.data / "blobs"

    def files(self) -> list[Path]:
        return sorted(path for path in self.blobs.rglob("*") if path.is_file())

    async def ask(self, role: str, method: str, path: str, **more: object) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} | dict(more.pop("headers", {}))  # type: ignore[call-overload]
        return await self.client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

    async def announce(self, role: str, channel: str, *, size: int = len(PDF), **told: str) -> ClientResponse:
        return await self.ask(role, "POST", "/uploads", headers=announcement(channel, size=size, **told))

    async def patch(self, role: str, place: str, offset: int, data: bytes) -> ClientResponse:
        return await self.ask(role, "PATCH", place, data=data, headers=PATCH | {"Upload-Offset": str(offset)})

    async def offset(self, role: str, place: str) -> int:
        answer = await self.ask(role, "HEAD", place, headers=TUS)
        assert answer.status == 200
        return int(answer.headers["Upload-Offset"])

    async def send(
        self, role: str, channel: str, data: bytes = PDF, **told: str
    ) -> dict[str, dict[str, object]]:
        """A whole file in one go; gives the last answer."""
        begun = await self.announce(role, channel, size=len(data), **told)
        assert begun.status == 201, await begun.text()
        done = await self.patch(role, begun.headers["Location"], 0, data)
        assert done.status == 200, await done.text()
        answer: dict[str, dict[str, object]] = await done.json()
        return answer


def app_of(store: Store) -> web.Application:
    """The whole application on a store, but for what it starts beside the pages: media, jobs, tidying."""
    app = make_app(store)
    app.cleanup_ctx.clear()
    return app


def tokens_of(story: Story) -> dict[str, str]:
    """A bearer token for each of the cast."""
    return {
        role: story.house.do(open_sign_in, person=person, kind="program", way="operator", device="test")
        for role, person in story.people.items()
    }


@asynccontextmanager
async def depot_of(house: House) -> AsyncIterator[Depot]:
    """An opened room, and the pages at an address of their own."""
    house.store.writer.clock = utc_now
    story = opened(house)
    async with TestClient(TestServer(app_of(house.store))) as client:
        yield Depot(story, client, tokens_of(story))


def announcement(channel: str, *, size: int = len(PDF), **told: str) -> dict[str, str]:
    """The headers that announce a file."""
    facts = {"channel": channel, "client_id": "u1", "purpose": "message", "filename": "借条.pdf"} | told
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in facts.items())
    return TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata}
