"""The rules of the house: who may only read in a room's talk at this moment, and why (F7, J1, J5).

They stand with the room, so that the path on which everybody waits reads them with it; each change of them is an entry with its
reason. What is said in a private channel or a caucus is never touched by them: whoever has to be silent may still turn to the mediator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from mediation.clock import iso, moment
from mediation.errors import WrongState
from mediation.people.permission import LEADS, SIDES, Actor

SHARED = frozenset({"record", "talks"})
WRITERS = ("claimant", "claimant_agent", "respondent", "respondent_agent")
"""Whom posting rights are given to: the parties of each side, and their lawyers."""
UNTIL_LIFTED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What holds in a room. `silenced` names until when each person may only read; `out` are those who were sent out of the talk."""

    frozen: bool = False
    pause_until: str = ""
    pause_by: str = ""
    slow: int = 0
    stage: str = ""
    writers: tuple[str, ...] | None = None
    silenced: Mapping[str, str] = field(default_factory=dict)
    out: tuple[str, ...] = ()
    apart: bool = False
    """Shuttle mode: the sides do not meet, and the mediator carries what is released (I9)."""

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "House":
        """The rules as they are kept; none for a room where none were ever set."""
        told = dict(kept or {})
        writers = told.pop("writers", None)
        out = tuple(told.pop("out", ()))
        return cls(writers=None if writers is None else tuple(writers), out=out, **told)

    def kept(self) -> dict[str, Any]:
        """The rules as they are kept: only those that differ from none."""
        every = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in every.items() if value != getattr(NO_RULES, name)}

    def is_paused(self, now: datetime) -> bool:
        return self.pause_until > iso(now)

    def silent_until(self, person: str, now: datetime) -> str | None:
        """Until when this person may only read, `UNTIL_LIFTED` for no end; None when they may write."""
        until = self.silenced.get(person)
        return until if until == UNTIL_LIFTED or (until and until > iso(now)) else None

    def why_not(self, actor: Actor, kind: str, now: datetime) -> WrongState | None:
        """Why this person may add nothing to a channel of this kind now; None when they may."""
        if kind not in SHARED or actor.standing in LEADS:
            return None
        if self.is_paused(now):
            return WrongState("house.paused", minutes=_minutes(self.pause_until, now))
        if self.frozen:
            return WrongState("house.frozen")
        if kind != "talks" or actor.standing not in SIDES:
            return None
        if self.apart:
            return WrongState("house.apart")
        return self._why_silent(actor, now)

    def slow_for(self, actor: Actor, kind: str) -> timedelta:
        """How long this person waits between two messages."""
        waits = kind == "talks" and actor.standing in SIDES
        return timedelta(seconds=self.slow if waits else 0)

    def with_silence(self, person: str, until: str) -> "House":
        return replace(self, silenced={**self.silenced, person: until})

    def without_silence(self, person: str) -> "House":
        return replace(self, silenced={who: until for who, until in self.silenced.items() if who != person})

    def _why_silent(self, actor: Actor, now: datetime) -> WrongState | None:
        until = self.silent_until(actor.person, now)
        if until == UNTIL_LIFTED:
            return WrongState("house.silenced")
        if until:
            return WrongState("house.silenced_for", minutes=_minutes(until, now))
        if self.writers is not None and writer_of(actor) not in self.writers:
            return WrongState("house.not_your_turn")
        return None


NO_RULES = House()


def writer_of(actor: Actor) -> str:
    """Which of `WRITERS` a person is."""
    return f"{actor.side}_agent" if actor.standing == "agent" else str(actor.standing)


def _minutes(until: str, now: datetime) -> int:
    return max(1, ceil((moment(until) - now) / timedelta(minutes=1)))
