"""Which channels there are, and who reads each: what the tables say of it, held against the entries. Part of the verifier."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mediation.record.reading import Reading, Row
from mediation.record.replay import NULL, SET, Expected, Near, Told, Wanted, compare

LEFT_OUT_OF_TALKS = frozenset({"judge", "clerk"})


def faults_of_channels(database: Reading, book: list[Told]) -> Iterator[str]:
    """The record of each case and each person's own channel by the entry that began it, a caucus by the one that tells of it,
    and what was opened with a room by the digest of it all."""
    expected = _expected(book)
    opened = {told.room for told in book if told.row["kind"] == "room_opened"}

    ringing = {
        row["channel_id"] for row in database.rows("SELECT channel_id FROM caucuses WHERE begun_at IS NULL")
    }

    def otherwise(row: Row) -> bool:
        """With the room, by its digest; or a caucus that only rings, and of which nobody else knows yet."""
        with_the_room = row["kind"] in {"talks", "private"} and row["room_id"] in opened
        return bool(with_the_room or (row["kind"] == "caucus" and row["id"] in ringing))

    yield from compare(database, "channels", "the channel", ("id",), expected, also=otherwise)
    yield from _caucuses(database, book)
    for told in book:
        if told.row["kind"] == "room_opened" and _digest_of(database, told.room) != told.public.get(
            "channels"
        ):
            yield f"{told.where}: the channels of room {told.room} are not those that it opened."


def _expected(book: list[Told]) -> Expected:
    expected: Expected = {}
    for told in book:
        kind, public = told.row["kind"], told.public
        if kind == "case_registered":
            _expect(expected, told, told.row["channel"], kind="record", room_id=public["room"])
        elif kind == "person_added":
            _expect(expected, told, told.row["channel"], kind="person", owner_id=public["person"])
        elif kind == "caucus_opened":
            facts = {"room_id": told.room, "side": public["side"], "closed_at": NULL}
            _expect(expected, told, str(public["caucus"]), kind="caucus", **facts)
        elif kind in {"caucus_closed", "case_ended"}:
            _close(expected, told)
    return expected


def _expect(expected: Expected, told: Told, channel: str, **says: object) -> None:
    expected[(channel,)] = Wanted(told, {name: (value, told) for name, value in says.items()})


def _close(expected: Expected, told: Told) -> None:
    """One caucus; with a case all that are on in its room."""
    for (channel,), wanted in expected.items():
        is_meant = told.public.get("caucus") in {None, channel} and wanted.by.room == told.room
        if is_meant and "closed_at" in wanted.says:
            wanted.says["closed_at"] = (SET, told)


def _caucuses(database: Reading, book: list[Told]) -> Iterator[str]:
    expected: Expected = {}
    for told in book:
        if told.row["kind"] == "caucus_opened":
            says = {"form": (told.public.get("form"), told), "begun_at": (Near(told.row["at"]), told)}
            expected[(str(told.public["caucus"]),)] = Wanted(told, says)
    yield from compare(
        database,
        "caucuses",
        "the caucus",
        ("channel_id",),
        expected,
        also=_only_rings,
    )


def _only_rings(row: Row) -> bool:
    return bool(row["begun_at"] is None)


def _digest_of(database: Reading, room: str | None) -> str:
    query = "SELECT id, kind, side FROM channels WHERE room_id = ? AND kind IN ('talks', 'private')"
    opened = sorted([row["id"], row["kind"], row["side"] or ""] for row in database.rows(query, room))
    return hashlib.sha256(json.dumps(opened, separators=(",", ":")).encode()).hexdigest()


def faults_of_members(database: Reading, book: list[Told]) -> Iterator[str]:
    """Who is in which channel: by what everybody is in the case, by whose channel it is, by what tells of a caucus."""
    channels = list(database.rows("SELECT c.id, c.kind, c.side, c.room_id, c.owner_id FROM channels c"))
    expected: Expected = {}
    for told in book:
        if told.row["kind"] == "case_registered" and told.body is not None:
            rooms = [one for one in channels if one["room_id"] == told.public["room"]]
            for channel, one in ((channel, one) for channel in rooms for one in told.body["people"]):
                if _belongs(channel, one):
                    expected[channel["id"], one["person"]] = Wanted(told)
        elif told.row["kind"] == "person_added":
            expected[told.row["channel"], str(told.public["person"])] = Wanted(told)
    caucuses = {one["id"] for one in channels if one["kind"] not in {"record", "talks", "private", "person"}}
    named = _named_in_caucuses(database) if caucuses else {}

    def was_called(row: Row) -> bool:
        return row["channel_id"] in caucuses and row["person_id"] in named.get(row["channel_id"], set())

    yield from compare(
        database, "members", "the member", ("channel_id", "person_id"), expected, also=was_called
    )
    yield from _read(database)


def _belongs(channel: Row, one: Mapping[str, Any]) -> bool:
    match channel["kind"]:
        case "record":
            return True
        case "talks":
            return str(one["standing"]) not in LEFT_OUT_OF_TALKS
        case "private":
            return bool(one["side"] == channel["side"] or one["standing"] == "mediator")
    return False


def _named_in_caucuses(database: Reading) -> dict[str, set[str]]:
    """Everybody whom an entry names together with a caucus."""
    found: dict[str, set[str]] = {}
    query = (
        "SELECT e.channel, e.actor, e.public FROM entries e JOIN channels c ON c.id = e.channel "
        "WHERE c.kind IN ('caucus', 'record')"
    )
    for row in database.rows(query):
        told = json.loads(row["public"])
        people = {*told.get("people", ()), told.get("person"), row["actor"]}
        for channel in {told.get("caucus"), row["channel"]}:
            found.setdefault(str(channel), set()).update(str(one) for one in people if one)
    return found


def _read(database: Reading) -> Iterator[str]:
    query = (
        "SELECT m.channel_id, m.person_id, m.read_seq, COALESCE(MAX(r.seq), 0) AS seen FROM members m "
        "LEFT JOIN read_marks r ON r.channel_id = m.channel_id AND r.person_id = m.person_id "
        "GROUP BY m.channel_id, m.person_id, m.read_seq"
    )
    for row in database.rows(query):
        if row["seen"] != row["read_seq"]:
            yield (
                f"the read mark {row['channel_id']} / {row['person_id']} was altered: it is at {row['seen']}, the member at {row['read_seq']}."
            )
