"""The real server with one promise broken: the ledger loop must catch each of them.

A spoilt part takes the place of the sound one in the process that is killed, before that process opens anything.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import mediation.store
import mediation.writer
import signaling.server
from mediation.ids import new_id
from mediation.record.entry import Appender, Entry
from mediation.writer import Writer
from signaling.desk.desk import Desk

LATE = 0.02


class AcksBeforeCommit(Writer):
    """Answers, and commits when it gets around to it."""

    def _do(self, unit: Any, happenings: list[Entry]) -> None:
        super()._do(unit, happenings)
        unit.future.set_result(unit.result)
        time.sleep(LATE)


class ForgetsKeys(Appender):
    """Does again what was sent again, under a key of its own making."""

    def earlier(self, *_: Any) -> None:
        return None

    def append(self, connection: Any, **facts: Any) -> Entry:
        sent = facts["client_id"]
        if sent and super().earlier(connection, facts["channel"], facts["actor"], sent):
            facts["client_id"] = new_id()
        return super().append(connection, **facts)


class KeepsNoOrder(Desk):
    """Carries the requests of a connection out as they come to hand."""

    async def answer(self, name: str, socket: str, payload: object) -> object:
        await asyncio.sleep(random.random() * LATE)
        return await super().answer(name, socket, payload)


MUTANTS: Mapping[str, tuple[ModuleType, type]] = {
    "acks before commit": (mediation.store, AcksBeforeCommit),
    "forgets keys": (mediation.writer, ForgetsKeys),
    "keeps no order": (signaling.server, KeepsNoOrder),
}


def spoil(name: str) -> None:
    """Puts a spoilt part where its sound base is looked up; nothing for the empty name."""
    if name:
        module, part = MUTANTS[name]
        vars(module)[part.__mro__[1].__name__] = part
