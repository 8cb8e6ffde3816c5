"""The only emit: an entry or a signal goes to its audience, in the order in which it happened.

The audience of an entry is the channel's members, as they stood in the transaction that wrote it. Pushes are hints: who misses one
reads on after the last seq they hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import socketio
from engineio.packet import Packet

from mediation.record.entry import Entry
from mediation.record.erased import Erased
from mediation.writer import Audience
from signaling.outbox import Outbox, packet_of

CHANGES_THE_ROOM = frozenset(
    {
        "consent_given", "consent_refused", "consent_withdrawn", "mediation_began", "room_opened", "room_frozen",
        "room_thawed", "hearing_booked", "hearing_changed", "hearing_cancelled", "hearing_started", "hearing_closed",
        "case_settled", "case_ended", "agreement_effective",
        "recording_asked", "recording_consent_given", "recording_consent_refused", "recording_consent_withdrawn",
        "recording_started", "recording_paused", "recording_resumed", "recording_stopped", "recording_interrupted",
        "recording_continued", "talk_frozen", "talk_thawed", "sides_parted", "sides_joined", "talk_slowed", "posting_set", "writing_stopped",
        "writing_allowed", "person_expelled", "person_readmitted", "pause_called", "pause_extended", "pause_ended",
    }
)  # fmt: skip
"""Entries after which people may do other things than before."""


def shown(entry: Entry, erased: Erased | None = None) -> dict[str, Any]:
    """An entry as browsers and programs see it; of one that was `erased` what the record itself holds, and why."""
    if erased is not None:
        left = {} if entry.kind == "message_posted" else dict(entry.public)
        return shown(entry) | {"body": left, "erased": asdict(erased)}
    return {
        "channel": entry.channel,
        "seq": entry.seq,
        "id": entry.id,
        "kind": entry.kind,
        "actor": entry.actor,
        "at": entry.at,
        "body": entry.body,
        "client_id": entry.client_id,
        "hash": entry.hash,
    }


def person_in(room: str, person: str) -> str:
    """The socket room of all connections of a person in a room of a case."""
    return f"{room}/{person}"


class Announcer:
    """Puts each push into the outboxes of its audience; `rooms` maps a channel to its room, filled as rooms are entered.

    It is written as text once, whoever gets it, and no task is made for it: this is the path on which everybody waits.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio
        self._rooms: dict[str, str] = {}

    @property
    def waiting(self) -> int:
        """How many packets are not sent yet."""
        return sum(socket.queue.qsize() for socket in self._sio.eio.sockets.values())

    def knows(self, channel: str, room: str) -> None:
        """Notes in which room a channel is."""
        self._rooms[channel] = room

    def room_of(self, channel: str) -> str:
        """The room of a channel that somebody here has entered."""
        return self._rooms.get(channel, "")

    def entries(self, happened: Iterable[Entry], audience: Audience) -> None:
        """Pushes entries to the members of their channels."""
        for entry in happened:
            room = self._rooms.get(entry.channel)
            people = audience.get(entry.channel, frozenset())
            if room is None:
                continue
            self.to_people(room, people, "entry", shown(entry))
            if entry.kind in CHANGES_THE_ROOM:
                self.to_people(room, people, "room_changed", {"room": room})

    def to_people(self, room: str, people: Iterable[str], event: str, payload: Mapping[str, Any]) -> None:
        """Pushes to every connection of these people in a room."""
        self._push(event, payload, [person_in(room, person) for person in people])

    def to_sockets(self, sockets: Iterable[str | None], event: str, payload: Mapping[str, Any]) -> None:
        """Pushes to single connections; None is one that is lost."""
        self._push(event, payload, [socket for socket in sockets if socket is not None])

    def _push(self, event: str, payload: Mapping[str, Any], to: list[str]) -> None:
        if "/" not in self._sio.manager.rooms:
            return  # nobody has connected yet
        packet: Packet | None = None
        for _, name in self._sio.manager.get_participants("/", to) if to else ():
            outbox = self.outbox(name)
            if outbox is not None:
                packet = packet or packet_of(event, payload)
                outbox.push(packet)

    def outbox(self, name: str) -> Outbox | None:
        """What waits for the engine.io socket of this name; None when it is closed."""
        socket = self._sio.eio.sockets.get(name)
        return None if socket is None or socket.closed else socket.queue
