"""The course of a case: its record as lines that people understand, and what is still to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.keys import Keys
from mediation.record.entry import Entry, read_entries
from mediation.rooms.channel import record_of
from mediation.rooms.room import Room

TOLD = frozenset(
    [
        "case_registered",
        "invitation_sent",
        "consent_given",
        "consent_refused",
        "consent_withdrawn",
        "mediation_began",
        "room_opened",
        "room_frozen",
        "room_thawed",
        "hearing_booked",
        "hearing_changed",
        "hearing_cancelled",
        "hearing_started",
        "hearing_closed",
        "recording_started",
        "recording_stopped",
        "document_submitted",
        "document_withdrawn",
        "caucus_opened",
        "caucus_closed",
        "agreement_frozen",
        "agreement_thawed",
        "agreement_signed",
        "signing_refused",
        "agreement_effective",
        "case_settled",
        "certificate_issued",
        "case_ended",
        "case_exported",
        "content_erased",
        "hold_set",
        "hold_lifted",
        "erasure_asked",
        "erasure_decided",
        "erasure_done",
    ]
)
SEALED = frozenset({"agreement_effective", "case_settled", "case_ended", "certificate_issued"})
AHEAD = {
    "consent_pending": ("waits_for_consent", "waits_for_talk", "waits_for_agreement", "waits_for_outcome"),
    "mediating": ("waits_for_agreement", "waits_for_outcome"),
}
LONGEST_COURSE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the course: what was, what is on, what is to come."""

    kind: str
    who: str = ""
    at: str = ""
    until: datetime | None = None
    look: str = ""


def course_of(session: Session, keys: Keys, room: Room, case: Case, names: Mapping[str, str]) -> list[Event]:
    record = read_entries(session, keys, record_of(session, room.id), after=0, limit=LONGEST_COURSE)
    past = [told(entry, names) for entry in record if entry.kind in TOLD]
    ahead = AHEAD.get(case.state, ())
    until = case.consent_deadline if case.state == "consent_pending" else case.mediation_ends_at
    return past + [
        Event(
            kind=kind, until=until if kind == ahead[0] else None, look="now" if kind == ahead[0] else "ahead"
        )
        for kind in ahead
    ]


def told(entry: Entry, names: Mapping[str, str]) -> Event:
    """An entry of the record as a line: who is meant is the person the entry is about, else who did it."""
    about = str(entry.public.get("person", "") or entry.actor or "")
    look = "sealed" if entry.kind in SEALED else ""
    return Event(kind=entry.kind, who=names.get(about, ""), at=entry.at, look=look)
