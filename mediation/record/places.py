"""Where the contents of a case lie: the channels of its room, and of those who quietly reported something in it their own."""

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from mediation.rooms.channel import Channel
from mediation.rooms.concern import Concern
from mediation.rooms.room import Room


def places_of(case: str) -> Select[str]:
    """Ids of these channels. In somebody's own lies much besides: `concerns_in` says which of it is the case's."""
    room = select(Room.id).where(Room.case_id == case).scalar_subquery()
    reporters = select(Concern.by_id).where(Concern.room_id == room)
    own: ColumnElement[bool] = (Channel.kind == "person") & Channel.owner_id.in_(reporters)
    return select(Channel.id).where(or_(Channel.room_id == room, own))


def concerns_in(session: Session, case: str) -> frozenset[str]:
    """Ids of what was quietly reported in a case."""
    query = select(Concern.id).join(Room, Room.id == Concern.room_id).where(Room.case_id == case)
    return frozenset(session.scalars(query))
