"""Voice messages: who has listened to which."""

from typing import Annotated, Any

from msgspec import Meta

from mediation.rooms.channel import channel_for, members_of
from mediation.rooms.played import mark_played, played_in
from signaling.desk.desk import Connection, Desk
from signaling.desk.table import Nothing, Ours, request

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=1, le=2**53)]


class MarkPlayed(Ours):
    channel: Id
    seq: Seq


class ReadPlayed(Ours):
    channel: Id
    seqs: Annotated[tuple[Seq, ...], Meta(max_length=200)]


@request("mark_played", MarkPlayed, may="channel")
async def mark(desk: Desk, caller: Connection, asked: MarkPlayed) -> Nothing:
    channel = await desk.read(channel_for, caller.person, asked.channel)
    if await desk.write(mark_played, by=caller.person, channel=asked.channel, seq=asked.seq):
        people = await desk.read(members_of, asked.channel)
        heard = {"channel": asked.channel, "person": caller.person, "seq": asked.seq}
        desk.announce.to_people(channel.room_id or "", people, "played", heard)
    return Nothing()


@request("read_played", ReadPlayed, may="channel")
async def read(desk: Desk, caller: Connection, asked: ReadPlayed) -> dict[str, Any]:
    played = await desk.read(played_in, caller.person, asked.channel, asked.seqs)
    return {"played": [{"seq": seq, "people": people} for seq, people in sorted(played.items())]}
