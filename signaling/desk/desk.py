"""The desk: takes every request of every connection, one after the other for each, and answers always."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import socketio

from mediation.errors import Refusal, TooMany
from mediation.people.signin import SignedIn, is_live
from mediation.words import words
from signaling.announce import Announcer
from signaling.bridge import Bridge
from signaling.desk.table import TABLE
from signaling.media.errors import MediaError
from signaling.media.plane import MediaPlane
from signaling.media.relay import Relay
from signaling.seats import Seats

log = logging.getLogger(__name__)
T = TypeVar("T")

BUDGET = 300
"""Requests a connection may make at once …"""
REFILL = 40
"""… and how many a second it gets back."""
MOST_IN_VAIN = 200
"""Requests over the budget after which it is a flood and no impatience."""


@dataclass(slots=True)
class Connection:
    """One socket of one signed-in person."""

    socket: str
    who: SignedIn
    rooms: set[str] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    budget: float = BUDGET
    refilled_at: float = field(default_factory=time.monotonic)
    in_vain: int = 0
    """How many more requests were over the budget than within it, since the first that was."""
    wrote_at: float = float("-inf")
    """When the others were last told that this person is writing."""

    @property
    def person(self) -> str:
        return self.who.person

    def spend(self, cost: int) -> None:
        """Takes from the budget; raises `TooMany` when it is used up."""
        now = time.monotonic()
        self.budget = min(BUDGET, self.budget + (now - self.refilled_at) * REFILL)
        self.refilled_at = now
        if self.budget < cost:
            self.in_vain += 1
            raise TooMany("too_many_requests")
        self.in_vain = max(0, self.in_vain - 1)
        self.budget -= cost


@dataclass(slots=True)
class Patience:
    """Seconds: for how long a seat outlives its connection, after which a lost person is noted, and for how long nobody may lead."""

    seat: float = 30.0
    person: float = 10.0
    lead: float = 30.0


class Desk:
    """What the handlers of the table work with."""

    def __init__(
        self, bridge: Bridge, sio: socketio.AsyncServer, announce: Announcer, media: MediaPlane
    ) -> None:
        self.bridge = bridge
        self.sio = sio
        self.announce = announce
        self.media = media
        settings = bridge.settings
        self.relay = Relay(settings.turn_urls, settings.turn_secret, settings.turn_hours)
        self.seats = Seats()
        self.connections: dict[str, Connection] = {}
        self.farewells: dict[str, asyncio.TimerHandle] = {}
        self.unled: dict[str, asyncio.TimerHandle] = {}
        self.patience = Patience()
        self.seats_changed: Callable[[str], None] = lambda _: None
        """Told the room whenever somebody came, went or was lost on its stage."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.taping = asyncio.Lock()
        """One after the other reads in the record what is to be recorded, and has it done."""
        self.answered: Counter[str] = Counter()

    async def write(self, use_case: Callable[..., T], **arguments: Any) -> T:
        return await self.bridge.write(use_case, **arguments)

    async def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        return await self.bridge.read(query, *arguments, **named)

    def people_online(self) -> int:
        return len({connection.person for connection in self.connections.values()})

    async def answer(self, name: str, socket: str, payload: object) -> object:
        """The answer to one request, or its error; never an exception."""
        answer = await self._answer(name, socket, payload)
        error = answer.get("error") if isinstance(answer, dict) else None
        self.answered[error["code"] if error else "ok"] += 1
        return answer

    async def _answer(self, name: str, socket: str, payload: object) -> object:
        connection = self.connections.get(socket)
        if connection is None:
            return _error("not_signed_in", "not_signed_in", "en")
        async with connection.turn:
            try:
                return await self._carry_out(connection, name, payload)
            except Refusal as refusal:
                return _error(refusal.code, refusal.message, connection.who.locale, **refusal.params)
            except MediaError as error:
                return _error(error.code, f"media.{error.code}", connection.who.locale)
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                return _error("invalid", "malformed", connection.who.locale, where=str(error)[:200])
            except UnicodeEncodeError:  # half a surrogate pair passes JSON, and can be written nowhere
                return _error("invalid", "invalid", connection.who.locale)
            except Exception:
                log.exception("the request %s failed", name if name in TABLE else "?")
                return _error("internal", "internal", connection.who.locale)

    async def _carry_out(self, connection: Connection, name: str, payload: object) -> object:
        row = TABLE.get(name)
        if row is None:
            connection.spend(1)
            raise Refusal("unknown_request", code="unknown_request")
        connection.spend(row.cost)
        asked = msgspec.convert(payload if payload is not None else {}, row.payload, strict=True)
        return msgspec.to_builtins(await row.handler(self, connection, asked))

    def spawn(self, work: Any) -> None:
        """Starts something nobody waits for; it is kept until it ends, and cancelled with the desk."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the desk failed", exc_info=error)

    async def sign_out(self, sign_in: str) -> None:
        """Ends every connection of a sign-in that was revoked."""
        for connection in [each for each in self.connections.values() if each.who.sign_in == sign_in]:
            await self.sio.emit("signed_out", {}, to=connection.socket)
            await self.sio.disconnect(connection.socket)

    async def watch_sign_ins(self, every: float = 60.0) -> None:
        """Ends, once a minute, the connections whose sign-in has expired."""
        while True:
            await asyncio.sleep(every)
            for sign_in in {each.who.sign_in for each in self.connections.values()}:
                if not await self.read(is_live, sign_in, datetime.now(UTC)):
                    await self.sign_out(sign_in)

    async def close(self) -> None:
        """Lets go of everything that was started."""
        for timer in (*self.farewells.values(), *self.unled.values()):
            timer.cancel()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def _error(code: str, message: str, locale: str, **params: object) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": words(locale).refusal(message, **params)}}
