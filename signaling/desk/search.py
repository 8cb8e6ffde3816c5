"""Search: what somebody looks for in a room, and where it stands."""

from typing import Annotated, Any

from msgspec import Meta

from mediation.rooms.query import Query
from mediation.rooms.search import Hit, Wanted, search
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id, Time
from signaling.desk.table import Ours, request


class Search(Ours):
    room: Id
    query: Annotated[str, Meta(max_length=200)]
    before: Time | None = None
    by: Id | None = None
    files: bool = False
    since: Time | None = None
    until: Time | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


@request("search", Search, may="room", cost=10)
async def look(desk: Desk, caller: Connection, asked: Search) -> dict[str, Any]:
    wanted = Wanted(
        query=Query.of(asked.query),
        before=asked.before,
        by=asked.by,
        files=asked.files,
        since=asked.since,
        until=asked.until,
    )
    keys = desk.bridge.store.keys
    found = await desk.read(search, keys, caller.person, asked.room, wanted, limit=asked.limit)
    return {"hits": [_shown(hit) for hit in found.hits], "further": found.further}


def _shown(hit: Hit) -> dict[str, Any]:
    entry = hit.entry
    place = {"channel": entry.channel, "seq": entry.seq, "kind": entry.kind}
    file = (entry.body or {}).get("file") or (entry.body or {}).get("document") or {}
    inside = {"page": hit.page, "file": file.get("id") if hit.page else None}
    return place | inside | {"actor": entry.actor, "at": entry.at, "words": hit.words, "marks": hit.marks}
