"""The Socket.IO server: who may connect, and the one handler behind which the desk stands."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

import socketio

import signaling.desk  # noqa: F401 - fills the table
from mediation.exposition import Figures
from mediation.hearings.recording import end_lost_recordings
from mediation.people.signin import SignedIn, signed_in
from mediation.record.entry import Entry
from mediation.writer import Audience
from signaling.announce import Announcer
from signaling.bridge import Bridge
from signaling.desk.absence import lost
from signaling.desk.caucus import tell_closed
from signaling.desk.desk import MOST_IN_VAIN, Connection, Desk
from signaling.desk.lead import watch_lead
from signaling.desk.recording import end_with_the_room
from signaling.desk.rooms import online_in, tell_presence
from signaling.desk.watch import forget_old_lines, wait_for_the_cut_off
from signaling.events import heard_from_media
from signaling.media.messages import MediaEvent
from signaling.media.plane import MediaPlane, MediaSettings
from signaling.metrics import all_figures
from signaling.outbox import Outbox

LARGEST_FRAME = 1_000_000
CLOSES_THE_ROOM = frozenset({"room_frozen", "case_ended"})
SHUT_OUT = 20.0
"""Seconds for which nobody is let in who has flooded the server."""
MOST_CONNECTIONS = 12
"""Live connections of one person; the oldest is closed by the next."""


class Signaling:
    """The live side of the server."""

    def __init__(self, bridge: Bridge, *, session_cookie: str) -> None:
        origins = [bridge.settings.address]
        self.sio = socketio.AsyncServer(
            async_mode="aiohttp",
            cors_allowed_origins=origins,
            max_http_buffer_size=LARGEST_FRAME,
            ping_interval=5,
            ping_timeout=8,
        )
        self.sio.eio.create_queue = Outbox
        self._bridge = bridge
        self._session_cookie = session_cookie
        self._shut_out: dict[str, float] = {}
        self._origins = origins
        self.desk: Desk

    async def start(self) -> None:
        """Starts the media worker and opens the desk; raises `MediaError` when the media port is taken."""
        settings = self._bridge.settings
        await self._bridge.write(end_lost_recordings)
        media = MediaSettings(
            settings.media_host,
            settings.media_port,
            settings.media_announced,
            tcp=settings.media_tcp,
            workers=settings.media_processes,
        )
        self.open(await MediaPlane.start(media, self._heard_from_media))

    def open(self, plane: MediaPlane) -> None:
        """Opens the desk; from here on connections are answered."""
        self.desk = Desk(self._bridge, self.sio, Announcer(self.sio), plane)
        self.desk.seats_changed = partial(watch_lead, self.desk)
        self.sio.on("connect", self._connect)
        self.sio.on("disconnect", self._disconnect)
        self.sio.on("*", self._request)
        self._loop = asyncio.get_running_loop()
        self._bridge.store.writer.publish = self._publish
        self.desk.spawn(self.desk.watch_sign_ins())
        self.desk.spawn(forget_old_lines(self.desk))
        self.desk.spawn(wait_for_the_cut_off(self.desk))

    async def figures(self) -> Figures:
        """What runs, in figures; none before the start."""
        return await all_figures(self.desk) if hasattr(self, "desk") else Figures()

    async def hang_up(self) -> None:
        """Ends every connection: a web server that stops waits for them. Browsers come back by themselves."""
        for connection in [*self.sio.eio.sockets.values()]:
            connection.queue.put_nowait(None)  # engine.io's own sign: after this, close

    async def close(self) -> None:
        """Ends the desk and the media worker."""
        await self.sio.shutdown()
        await self.desk.close()
        await self.desk.media.close()

    def _publish(self, entries: list[Entry], audience: Audience) -> None:
        # called in the writer thread, before anybody is answered; the loop keeps this order
        self._loop.call_soon_threadsafe(self._announce, entries, audience)

    def _announce(self, entries: list[Entry], audience: Audience) -> None:
        self.desk.announce.entries(entries, audience)
        for entry in entries:
            if entry.kind == "signed_out":
                self.desk.spawn(self.desk.sign_out(str(entry.public["sign_in"])))
            elif entry.kind == "caucus_closed" and entry.actor is None:  # its time was over
                room = self.desk.announce.room_of(entry.channel)
                self.desk.spawn(tell_closed(self.desk, room, str(entry.public["caucus"])))
            elif entry.kind in CLOSES_THE_ROOM:
                self.desk.spawn(end_with_the_room(self.desk, entry.channel))

    def _heard_from_media(self, event: MediaEvent) -> None:
        if hasattr(self, "desk"):
            heard_from_media(self.desk, event)

    async def _connect(self, socket: str, environ: Mapping[str, Any], auth: object = None) -> None:
        who = await self._who(environ, auth)
        if who is None:
            raise socketio.exceptions.ConnectionRefusedError("not_signed_in")
        if time.monotonic() < self._shut_out.get(who.person, 0.0):
            raise socketio.exceptions.ConnectionRefusedError("too_many_requests")
        self._shut_out.pop(who.person, None)
        others = [each for each in self.desk.connections.values() if each.person == who.person]
        for oldest in others[: max(0, len(others) - MOST_CONNECTIONS + 1)]:
            await self.sio.disconnect(oldest.socket)
        self.desk.connections[socket] = Connection(socket, who)

    async def _who(self, environ: Mapping[str, Any], auth: object) -> SignedIn | None:
        """A program by its token; a browser by its cookie, and only from our own pages (a missing Origin is no page)."""
        now = datetime.now(UTC)
        if isinstance(auth, dict) and isinstance(token := auth.get("token"), str):
            who = await self._bridge.read(signed_in, token, now)
            return who if who is not None and who.kind == "program" else None
        cookie: SimpleCookie = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        if self._session_cookie not in cookie or environ.get("HTTP_ORIGIN") not in self._origins:
            return None
        who = await self._bridge.read(signed_in, cookie[self._session_cookie].value, now)
        return who if who is not None and who.kind == "browser" else None

    async def _disconnect(self, socket: str, reason: str = "", *_: object) -> None:
        connection = self.desk.connections.pop(socket, None)
        if connection is None:
            return
        lost(self.desk, socket, reason)
        for room in connection.rooms:
            if connection.person not in online_in(self.desk, room):
                tell_presence(self.desk, room, connection.person, online=False)

    async def _request(self, event: str, socket: str, *payload: object) -> object:
        answer = await self.desk.answer(event, socket, payload[0] if payload else None)
        connection = self.desk.connections.get(socket)
        if connection is not None and connection.in_vain >= MOST_IN_VAIN:
            self._shut_out[connection.person] = time.monotonic() + SHUT_OUT
            self._cut_off(socket)
        elif connection is not None and self._reads_nothing(socket):
            self._cut_off(socket)
        return answer

    def _reads_nothing(self, socket: str) -> bool:
        outbox = self.desk.announce.outbox(self.sio.manager.eio_sid_from_sid(socket, "/"))
        return outbox is not None and outbox.is_overfull

    def _cut_off(self, socket: str) -> None:
        """Ends a connection at once: who floods us or reads nothing cannot be said goodbye to."""
        transport = self.sio.get_environ(socket)["aiohttp.request"].transport
        if transport is not None:
            transport.abort()
