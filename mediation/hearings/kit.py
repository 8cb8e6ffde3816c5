"""The kit: what camera, microphone and line of each person were worth when they were checked before a meeting (H2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, Json, Key
from mediation.cases.case import actor_of
from mediation.cases.party import people_in
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.people.permission import may, require
from mediation.people.person import acts_of
from mediation.rooms.entrance import room_for
from mediation.rooms.room import Room
from mediation.work import Work

KIT = ("works", "refused", "absent", "busy", "silent")


class KitCheck(Base):
    """What a person's camera, microphone and line were worth, measured on the way the meeting uses."""

    __tablename__ = "kit_checks"

    id: Mapped[Key]
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"))
    person_id: Mapped[Id] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(IsoTime)
    camera: Mapped[str] = mapped_column(String(12))
    microphone: Mapped[str] = mapped_column(String(12))
    line: Mapped[Json]
    score: Mapped[str] = mapped_column(String(8))

    @property
    def faults(self) -> tuple[str, ...]:
        """What was amiss: `microphone`, `camera`, `line`, or `playback` for who did not hear or see themselves."""
        silent, blind = self.microphone != "works", self.camera != "works"
        weak, unheard = is_weak(self.line), self.score == "poor" and not silent and not is_broken(self.line)
        found = {"microphone": silent, "camera": blind, "line": weak, "playback": unheard}
        return tuple(name for name, amiss in found.items() if amiss)


def report_check(
    work: Work, *, by: str, room: str, camera: str, microphone: str, line: Mapping[str, Any], heard_self: bool
) -> KitCheck:
    """Stores the result of a kit check; the score is `good`, `fair` or `poor`."""
    _, actor = room_for(work.session, by, room)
    require(actor, "check_kit")
    if camera not in KIT or microphone not in KIT:
        raise Invalid("invalid")
    score = score_of(camera=camera, microphone=microphone, line=line, heard_self=heard_self)
    check = KitCheck(
        id=new_id(), room_id=room, person_id=by, at=work.now, camera=camera, microphone=microphone, score=score,
        line=dict(line),
    )  # fmt: skip
    work.add(check)
    facts = {"room": room, "camera": camera, "microphone": microphone, "score": score}
    work.happened("kit_checked", acts_of(work.session, by), by, public=facts, body=facts)
    return check


def checks_for(session: Session, person: str, room: str) -> list[KitCheck]:
    """The last check of everybody in this room, for whoever leads it."""
    _, actor = room_for(session, person, room)
    require(actor, "see_checks")
    return last_checks(session, room)


def last_checks(session: Session, room: str) -> list[KitCheck]:
    """The last check of each person who has made one in this room."""
    made = select(KitCheck).where(KitCheck.room_id == room).order_by(KitCheck.at)
    return list({check.person_id: check for check in session.scalars(made)}.values())


def who_sees_checks(session: Session, room: str) -> list[str]:
    """The people who are told of a check in this room."""
    case = session.get_one(Room, room).case_id
    return [
        person.id for party, person in people_in(session, case) if may(actor_of(session, party), "see_checks")
    ]


def score_of(*, camera: str, microphone: str, line: Mapping[str, Any], heard_self: bool) -> str:
    """`poor`: one would not be heard, or the line breaks; `fair`: without picture, or a shaky line; else `good`."""
    if microphone != "works" or not heard_self or is_broken(line):
        return "poor"
    return "fair" if camera != "works" or is_weak(line) else "good"


def is_broken(line: Mapping[str, Any]) -> bool:
    """Whether one would hardly be understood over this line."""
    loss, rtt, up = _measured(line)
    return loss > 0.15 or rtt > 1000 or up < 24


def is_weak(line: Mapping[str, Any]) -> bool:
    """Whether sound or picture would suffer on this line."""
    loss, rtt, up = _measured(line)
    return loss > 0.04 or rtt > 300 or up < 120


def _measured(line: Mapping[str, Any]) -> tuple[float, float, float]:
    loss, rtt, up = (float(line.get(name) or 0) for name in ("loss", "rtt_ms", "kbit_up"))
    return loss, rtt, up
