"""The last signature: everybody has signed but the respondent, whose program holds the code; and what must have come of it."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediation.agreements.signature import send_signing_code
from mediation.people.signin import open_sign_in
from mediation.sqlite import DATABASE
from tests.codes import code_sent_by
from tests.conftest import House
from tests.durability.ledger import Lost
from tests.durability.mortal import SocketLine
from tests.mediation.agreements.scenes import frozen, sign
from tests.stories import opened


@dataclass(frozen=True, slots=True)
class Scene:
    """`asked` is the request that the respondent's program sends; `others` are people of the talks with their tokens."""

    data: Path
    room: str
    record: str
    talks: str
    respondent: str
    token: str
    others: list[tuple[str, str]]
    asked: dict[str, Any]


def the_last_signature(house: House) -> Scene:
    """Plays up to the last signature, and leaves the folder to a server."""
    house.clock.follow_real_time()
    story = opened(house)
    version = frozen(story)
    text = {"agreement": version.agreement_id, "version": 1, "digest": version.digest}
    codes = {
        role: code_sent_by(house, send_signing_code, by=story.actor(role), **text)
        for role in ("claimant", "respondent")
    }
    sign(story, "claimant", version, codes["claimant"])
    tokens = {
        role: house.do(open_sign_in, person=story.people[role], kind="program", way="operator", device="test")
        for role in ("mediator", "claimant", "agent", "respondent")
    }
    house.store.close()
    return Scene(
        data=house.settings.data,
        room=story.room,
        record=story.record,
        talks=story.talks,
        respondent=story.people["respondent"],
        token=tokens.pop("respondent"),
        others=[(story.people[role], token) for role, token in tokens.items()],
        asked=text | {"code": codes["respondent"], "client_id": "the last signature"},
    )


async def signs(line: SocketLine, asked: dict[str, Any]) -> dict[str, Any]:
    """Signs, again and again, until there is an answer."""
    while True:
        with suppress(Lost):
            return await line.ask("sign_agreement", asked)
        await line.mend()


async def until_certified(scene: Scene) -> None:
    """Waits for the certificate of what was settled before the kill; how long it takes, `bench/certificate` says."""
    async with asyncio.timeout(60):
        while _entries(scene, "certificate_issued") == 0:
            await asyncio.sleep(0.02)


def assert_signed_once(scene: Scene) -> None:
    kinds = ("agreement_signed", "agreement_effective", "case_settled", "certificate_issued")
    assert [_entries(scene, kind) for kind in kinds] == [2, 1, 1, 1]
    assert _count(scene, "SELECT count(*) FROM files WHERE purpose = 'certificate'") == 1
    assert _count(scene, "SELECT count(*) FROM signatures") == 2
    assert _count(scene, "SELECT count(*) FROM outcomes") == 1


def _entries(scene: Scene, kind: str) -> int:
    return _count(scene, "SELECT count(*) FROM entries WHERE kind = ? AND channel = ?", kind, scene.record)


def _count(scene: Scene, query: str, *values: str) -> int:
    with closing(sqlite3.connect(f"file:{scene.data / DATABASE}?mode=ro", uri=True)) as database:
        found: int = database.execute(query, values).fetchone()[0]
    return found
