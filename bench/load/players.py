"""The process that plays the clients, as the bench sees it."""

from __future__ import annotations

import asyncio
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from bench.load.clients import Close, Open, Order, Play, serve
from bench.load.plan import Person, Played


class Players:
    """One order at a time; the next waits for its answer."""

    def __init__(self, core: int | None) -> None:
        ours, theirs = get_context("spawn").Pipe()
        self._line: Connection = ours
        self._process = get_context("spawn").Process(target=serve, args=(theirs, core), daemon=True)
        self._process.start()
        theirs.close()
        self.fingerprints = ours.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()

    async def come(self, people: list[Person]) -> None:
        await self._ask(Open(people))

    async def play(self, server: int, warm: float, seconds: float) -> Played:
        """Everybody who has come sends and receives."""
        played = await self._ask(Play(server, warm, seconds))
        assert isinstance(played, Played)
        return played

    async def go(self, people: frozenset[str] | None = None, *, goodbye: bool = True) -> None:
        """These leave, or all; with a DTLS goodbye, or as a page that is gone."""
        await self._ask(Close(people, goodbye))

    async def _ask(self, order: Order) -> object:
        self._line.send(order)
        answer = await asyncio.to_thread(self._line.recv)
        if isinstance(answer, Exception):
            raise answer
        return answer
