"""What the tables say of a recorded act, held against its entry: a consent, a signature, an outcome, a file.

The chain protects entries; whoever has the database could still change the row that pages read. Part of the verifier, so it shares no
code with the writer.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediation.record.reading import Reading, Row
from mediation.record.replay import is_near


@dataclass(frozen=True, slots=True)
class Act:
    """Rows of `table` name the entry that made them; `says` pairs each column with the entry's public field, or `=` with its own."""

    table: str
    named: str
    kinds: tuple[str, ...]
    says: Mapping[str, str]


ACTS = (
    Act(
        "consents",
        "the consent",
        ("consent_given", "consent_refused", "consent_withdrawn"),
        {"person_id": "person", "stage": "stage", "version": "version", "language": "language"}
        | {"identity_level": "identity_level", "by_id": "=actor", "at": "=at"},
    ),
    Act(
        "signatures",
        "the signature",
        ("agreement_signed",),
        {"agreement_id": "agreement", "version": "version", "digest": "digest", "person_id": "person"}
        | {"signer_id": "=actor", "entry_hash": "=hash", "at": "=at"},
    ),
    Act(
        "outcomes",
        "the outcome",
        ("case_settled",),
        {"id": "outcome", "case_id": "case", "agreement_id": "agreement", "digest": "digest"},
    ),
    Act(
        "exports",
        "the export",
        ("case_exported",),
        {"id": "export", "scope": "scope", "person_id": "=actor", "asked_at": "=at"},
    ),
    Act("files", "the file", ("document_submitted", "certificate_issued"), {"id": "document"}),
    Act("files", "the file", ("message_posted",), {"id": "file"}),
    Act(
        "recording_answers",
        "the answer to a recording",
        ("recording_consent_given", "recording_consent_refused", "recording_consent_withdrawn"),
        {"hearing_id": "hearing", "person_id": "person", "at": "=at"},
    ),
    Act(
        "recorded_tracks",
        "the recorded file",
        ("recording_track_kept",),
        {"id": "track", "recording_id": "recording", "person_id": "person", "source": "source"}
        | {"sha256": "sha256", "size": "size", "duration_ms": "duration_ms", "frames": "frames"},
    ),
)
ANSWERED = frozenset({"consents", "recording_answers"})
"""Tables whose `answer` is the last word of the entry's kind."""


def faults_of_rows(database: Reading) -> Iterator[str]:
    """Rows whose entry is gone or says something else, acts whose row is gone, and recalled words that are to be seen again."""
    for act in ACTS:
        yield from _rows(database, act)
        yield from _lost_rows(database, act)
        yield from _twice(database, act)
    yield from _unsealed(database)


def _rows(database: Reading, act: Act) -> Iterator[str]:
    own = (*act.says, "answer") if act.table in ANSWERED else tuple(act.says)
    columns = ", ".join(f"t.{column}" for column in own)
    query = (
        f"SELECT t.entry_id, t.id AS row_id, {columns}, e.id AS found, e.kind, e.actor, e.hash, e.public, e.at AS told_at"  # noqa: S608
        f" FROM {act.table} t LEFT JOIN entries e ON e.id = t.entry_id"
    )
    for row in database.rows(query):
        if row["found"] is None:
            if act.kinds != ("message_posted",):  # both kinds of files name their entry: once is enough
                yield f"{act.named} {row['row_id']} names entry {row['entry_id']}, which is missing."
        elif row["kind"] in act.kinds:
            yield from _differences(act, row)
        elif act.table != "files":
            yield f"{act.named} {row['row_id']} names entry {row['entry_id']}, which is of another kind."


def _differences(act: Act, row: Row) -> Iterator[str]:
    public: dict[str, Any] = json.loads(row["public"])
    if act.table in ANSWERED and not row["kind"].endswith(str(row["answer"])):
        yield f"{act.named} {row['row_id']} was altered: its answer is not the one of entry {row['entry_id']}."
    for column, field in act.says.items():
        if field == "=at":
            if not is_near(row[column], row["told_at"]):
                yield f"{act.named} {row['row_id']} was altered: its time is not the one of entry {row['entry_id']}."
            continue
        told = row[field[1:]] if field.startswith("=") else public.get(field)
        if str(row[column]) != str(told):
            yield f"{act.named} {row['row_id']} was altered: its {column} is not the one of entry {row['entry_id']}."


def _lost_rows(database: Reading, act: Act) -> Iterator[str]:
    kinds = ", ".join(f"'{kind}'" for kind in act.kinds)
    query = (
        f"SELECT id, channel, seq, kind, public FROM entries e WHERE kind IN ({kinds})"  # noqa: S608
        f" AND NOT EXISTS (SELECT 1 FROM {act.table} t WHERE t.entry_id = e.id)"
    )
    for row in database.rows(query):
        if act.says.get("id") in {"file", "document"} and act.says["id"] not in json.loads(row["public"]):
            continue  # words without a file
        yield (
            f"channel {row['channel']}, entry {row['seq']} ({row['id']}, {row['kind']}): {act.named} it made is missing."
        )


def _twice(database: Reading, act: Act) -> Iterator[str]:
    query = f"SELECT entry_id FROM {act.table} GROUP BY entry_id HAVING COUNT(*) > 1"  # noqa: S608
    for row in database.rows(query):
        yield f"{act.named} of entry {row['entry_id']} was added: there is more than one."


def _unsealed(database: Reading) -> Iterator[str]:
    recalled = "SELECT channel, public FROM entries WHERE kind = 'message_recalled'"
    seen = (
        "SELECT m.seq, m.id, m.kind FROM entries m JOIN contents c ON c.entry = m.id "
        "WHERE m.channel = ? AND m.seq = ? AND NOT c.withheld"
    )
    for recall in list(database.rows(recalled)):
        for row in database.rows(seen, recall["channel"], json.loads(recall["public"])["seq"]):
            yield (
                f"channel {recall['channel']}, entry {row['seq']} ({row['id']}, {row['kind']}): "
                "it was recalled, and can be read again."
            )
