"""Which tables follow from which entries, column by column. Part of the verifier.

What may change without an entry stands in docs/record.md with the reason; a test asks every table for its place in one of the two lists.
"""

import hashlib
from collections.abc import Iterator, Mapping

from mediation.record.audience import faults_of_channels, faults_of_members
from mediation.record.reading import Reading
from mediation.record.replay import NULL, SET, Bound, Expected, Near, Told, Wanted, compare, read_book

HEARING = {"title": "body.title", "starts_at": "public.starts_at", "ends_at": "public.ends_at"}
IN_ROOM = {"room_id": "=room"}


def _bound(
    table: str,
    named: str,
    key: Mapping[str, str],
    made_by: str,
    **acts: Mapping[str, object],
) -> Bound:
    return Bound(table, f"the {named}", key, frozenset(made_by.split()), acts)


TABLES = (
    _bound(
        "persons", "person", {"id": "public.person"}, "person_added",
        person_added={"name": "body.name", "email": "body.email", "phone": "body.phone", "office": "public.office", "created_at": "=at"},
    ),
    _bound(
        "sign_ins", "sign-in", {"id": "public.sign_in"}, "signed_in",
        signed_in={"person_id": "=actor", "kind": "public.kind", "way": "public.way", "revoked_at": NULL, "created_at": "=at"},
        signed_out={"revoked_at": SET},
    ),
    _bound(
        "cases", "case", {"id": "public.case"}, "case_registered",
        case_registered={
            "title": "body.title", "cause": "body.cause", "claim": "body.claim", "number": "body.number",
            "pack": "public.pack", "opened_by": "=actor", "created_at": "=at",
        },
        case_ended={"end_reason": "public.reason"},
        case_settled={"end_reason": "agreed"},
    ),
    _bound(
        "cases", "case", {"id": "=case"}, "case_registered",
        case_registered={"state": "consent_pending", "mediation_ends_at": NULL},
        mediation_began={"state": "mediating", "mediation_ends_at": "public.ends_at"},
        consent_withdrawn={"state": "consent_pending"}, case_ended={"state": "ended"}, case_settled={"state": "agreed"},
    ),
    _bound(
        "rooms", "room", {"id": "=room"}, "case_registered",
        case_registered={"case_id": "public.case", "state": "preparing"}, room_opened={"state": "open"},
        room_frozen={"state": "frozen"}, room_thawed={"state": "open"}, case_ended={"state": "sealed"},
    ),
    _bound(
        "invitations", "invitation", {"id": "public.invitation"}, "invitation_sent",
        invitation_sent={"case_id": "=case", "person_id": "public.person", "sent_at": "=at"},
        invitation_opened={"opened_at": SET},
    ),
    _bound(
        "agreements", "agreement", {"id": "public.agreement"}, "agreement_proposed",
        agreement_proposed={"case_id": "=case", "state": "drafting", "latest": "public.version"},
        agreement_frozen={"state": "frozen", "frozen": "public.version"},
        agreement_thawed={"state": "drafting", "frozen": NULL}, signing_refused={"state": "declined", "frozen": NULL},
        agreement_effective={"state": "effective", "effective_at": SET},
    ),
    _bound(
        "agreement_versions", "agreement's version", {"agreement_id": "public.agreement", "number": "public.version"},
        "agreement_proposed", agreement_proposed={"digest": "public.digest", "by_id": "=actor", "at": "=at"},
    ),
    _bound(
        "outcomes", "outcome", {"id": "public.outcome"}, "case_settled",
        case_settled={"effective_at": "=at"},
        certificate_issued={
            "code": "public.code", "certificate_id": "public.document", "certificate_sha256": "public.sha256",
            "certified_at": "=at",
        },
    ),
    _bound(
        "exports", "export", {"id": "public.export"}, "export_asked",
        export_asked={}, export_made={"sha256": "public.sha256", "size": "public.size", "ready_at": "=at"},
    ),
    _bound(
        "hearings", "meeting", {"id": "public.hearing"}, "hearing_booked hearing_started",
        hearing_booked=HEARING | IN_ROOM | {"state": "scheduled", "booked_by": "=actor"}, hearing_changed=HEARING,
        hearing_cancelled={"state": "cancelled", "cancel_reason": "body.reason"},
        hearing_started=HEARING | IN_ROOM | {"state": "in_session", "started_at": SET},
        hearing_closed={"state": "closed", "closed_at": SET},
    ),
    _bound(
        "admissions", "admission", {"hearing_id": "public.hearing", "person_id": "public.person"}, "person_admitted",
        person_admitted={"removed_at": NULL, "+admitted_at": "=at"}, person_removed={"removed_at": SET},
    ),
    _bound(
        "recordings", "recording", {"id": "public.recording"}, "recording_asked recording_started",
        recording_asked={"room_id": "=room", "hearing_id": "public.hearing", "started_at": NULL},
        recording_started={"room_id": "=room", "hearing_id": "public.hearing", "basis": "public.basis", "started_at": SET},
        recording_stopped={"state": "ended", "end_code": "public.code"},
    ),
    _bound(
        "concerns", "concern", {"id": "public.concern"}, "unsafe_said concern_reported",
        unsafe_said={"kind": "unsafe", "room_id": "public.room", "by_id": "=actor", "about_id": NULL, "+state": "open"},
        concern_reported={
            "kind": "report", "room_id": "public.room", "by_id": "=actor", "about_id": "body.about",
            "reason": "body.reason", "state": "open",
        },
        concern_handled={"state": "public.state", "handled_by": "=actor", "result": "body.result"},
    ),
    _bound(
        "acknowledgements", "acknowledgement",
        {"channel_id": "=channel", "seq": "public.seq", "person_id": "=actor"}, "notice_acknowledged",
        notice_acknowledged={"at": "=at"},
    ),
)  # fmt: skip
KINDS = frozenset(kind for bound in TABLES for kind in bound.acts) | {
    "caucus_opened",
    "caucus_closed",
    "notice_pinned",
    "notice_unpinned",
}


def faults_of_tables(database: Reading) -> Iterator[str]:
    """Every row that is not as the entries have it."""
    try:
        yield from _faults(database)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        yield f"an entry says what cannot be held against the tables ({error!r}); it was altered."


def _faults(database: Reading) -> Iterator[str]:
    book = read_book(database, KINDS)
    for bound in TABLES:
        yield from compare(database, bound.table, bound.named, bound.key, bound.expected(book))
    yield from _parties(database, book)
    yield from faults_of_channels(database, book)
    yield from faults_of_members(database, book)
    yield from _instalments(database, book)
    yield from _notices(database, book)
    yield from _texts(database, book)


def _parties(database: Reading, book: list[Told]) -> Iterator[str]:
    expected: Expected = {}
    for told in book:
        if told.row["kind"] == "case_registered" and told.body is not None:
            for one in told.body["people"]:
                says = {
                    name: (one.get(name), told) for name in ("standing", "side", "authority", "represents")
                }
                expected[str(told.public["case"]), str(one["person"])] = Wanted(told, says)
    yield from compare(database, "parties", "the party", ("case_id", "person_id"), expected)


def _instalments(database: Reading, book: list[Told]) -> Iterator[str]:
    expected: Expected = {}
    for told in book:
        if told.row["kind"] == "case_settled" and told.body is not None:
            for one in told.body["plan"]:
                says = {name: (value, told) for name, value in one.items() if name != "number"}
                expected[str(told.public["outcome"]), str(one["number"])] = Wanted(told, says)
    yield from compare(database, "instalments", "the instalment", ("outcome_id", "number"), expected)


def _notices(database: Reading, book: list[Told]) -> Iterator[str]:
    expected: Expected = {}
    for told in book:
        channel = told.row["channel"]
        if told.row["kind"] == "notice_pinned":
            expected[channel, str(told.row["seq"])] = Wanted(
                told, {"unpinned_at": (NULL, told), "pinned_at": (Near(told.row["at"]), told)}
            )
        elif told.row["kind"] == "notice_unpinned" and (channel, str(told.public["seq"])) in expected:
            expected[channel, str(told.public["seq"])].says["unpinned_at"] = (SET, told)
    yield from compare(database, "notices", "the notice", ("channel_id", "seq"), expected)


def _texts(database: Reading, book: list[Told]) -> Iterator[str]:
    """The words of each version, in both languages, and the terms they were made from."""
    told_of = {
        (str(told.public["agreement"]), str(told.public["version"])): told
        for told in book
        if told.row["kind"] == "agreement_proposed"
    }
    columns = "agreement_id, number, binding, digest, text_zh, text_en, terms_data"
    for row in database.rows(f"SELECT {columns} FROM agreement_versions"):  # noqa: S608
        told = told_of.get((row["agreement_id"], str(row["number"])))
        digests = {name: _text_digest(row[f"text_{name}"]) for name in ("zh", "en")}
        name = f"the agreement's version {row['agreement_id']} / {row['number']}"
        if told is not None and told.body is None and not row["text_zh"] and not row["text_en"]:
            continue  # erased: that an entry says so, the chain has looked at already
        if digests.get(row["binding"]) != row["digest"]:
            yield f"{name} was altered: its text is not the one of its digest."
        elif told is not None and told.body is not None:
            terms = hashlib.sha256(row["terms_data"].encode()).hexdigest()
            if (told.body.get("texts"), told.body.get("terms")) != (digests, terms):
                yield f"{name} was altered: its words or terms are not what {told.where} says."


def _text_digest(text: str) -> str:
    return hashlib.sha256(b"mediation agreement text 1\0" + text.encode()).hexdigest()
