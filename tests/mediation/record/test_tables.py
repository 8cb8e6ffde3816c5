"""The tampering table: for each table of the database and each kind of change the verifier names the place, or docs/record.md says why not."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import mediation.tables  # noqa: F401 - so that the metadata is whole
from mediation.base import Base
from mediation.packs.pack import load_pack
from mediation.people.signin import open_sign_in
from mediation.record.erasure import Ground, erase_contents
from mediation.record.export import Wish, ask_for_export
from mediation.record.reading import Row
from mediation.record.verify import faults
from mediation.rooms.concern import say_unsafe
from mediation.rooms.notice import acknowledge_notice, pin_notice, unpin_notice
from mediation.sqlite import DATABASE
from tests.conftest import ROOT, House
from tests.mediation.hearings.taped import taped
from tests.mediation.record.bundles import play
from tests.stories import Story

pytestmark = pytest.mark.sqlite

PAGE = (ROOT / "docs" / "record.md").read_text("utf-8")
FREE = dict(
    re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|$", PAGE.split("## 8.")[1].split("\n## ")[0], re.MULTILINE)
)


@dataclass(frozen=True, slots=True)
class Weighty:
    """How somebody would change a table, and what must be named: `update` is a column with a lie, `fresh` makes a copy of a row another
    row, `swap` are the columns that two rows exchange."""

    named: str
    update: tuple[str, object]
    fresh: Mapping[str, object]
    swap: tuple[str, ...]
    where: str = "1"


WEIGHTY = {
    "caucuses": Weighty("the caucus", ("form", "bench"), {"channel_id": "forged"}, ("begun_at",)),
    "concerns": Weighty("the concern", ("about_id", "x"), {"id": "forged"}, ("id",)),
    "entries": Weighty("channel ", ("actor", "x"), {"id": "forged", "seq": 999, "client_id": None}, ("kind", "public", "digest")),
    "contents": Weighty("its content was altered", ("body", b"{}"), {"entry": "forged"}, ("salt", "body")),
    "channels": Weighty("the channel", ("kind", "talks"), {"id": "forged"}, ("room_id", "owner_id")),
    "persons": Weighty("the person", ("phone", "+8613900000000"), {"id": "forged", "email": None, "phone": None}, ("name",)),
    "sign_ins": Weighty("the sign-in", ("person_id", "x"), {"id": "forged", "token_hash": "x"}, ("person_id",)),
    "cases": Weighty("the case", ("claim", "Nothing at all"), {"id": "forged", "number": "x"}, ("number",)),
    "rooms": Weighty("the room", ("state", "sealed"), {"id": "forged", "case_id": "forged"}, ("case_id",)),
    "parties": Weighty("the party", ("authority", "general"), {"id": "forged", "person_id": "forged"}, ("standing", "side"), "authority = 'special'"),
    "members": Weighty("the member", ("person_id", "forged"), {"person_id": "forged"}, ("person_id",)),
    "read_marks": Weighty("read mark", ("at", "2020-01-01T00:00:00.000000Z"), {"seq": 4, "at": "2026-11-22T08:00:00.000000Z"}, ("at",)),
    "invitations": Weighty("the invitation", ("person_id", "x"), {"id": "forged", "token_hash": "x"}, ("case_id",)),
    "consents": Weighty("the consent", ("answer", "refused"), {"id": "forged", "order": 999}, ("person_id",)),
    "agreements": Weighty("the agreement", ("state", "declined"), {"id": "forged", "case_id": "forged"}, ("case_id",)),
    "agreement_versions": Weighty("the agreement's version", ("text_en", "Nothing is paid."), {"id": "forged", "number": 99}, ("text_en", "text_zh")),
    "signatures": Weighty("the signature", ("digest", "x"), {"id": "forged", "round": 99}, ("person_id",)),
    "outcomes": Weighty("the outcome", ("digest", "x"), {"id": "forged", "case_id": "forged", "code": "x"}, ("case_id",)),
    "instalments": Weighty("the instalment", ("amount", 1), {"id": "forged", "number": 99}, ("due",)),
    "files": Weighty("the file", ("blob", "open/" + "0" * 64), {"id": "forged", "entry_id": "forged"}, ("entry_id",)),
    "hearings": Weighty("the meeting", ("starts_at", "2026-11-30T08:00:00.000000Z"), {"id": "forged"}, ("room_id",)),
    "admissions": Weighty("the admission", ("removed_at", "2026-11-30T08:00:00.000000Z"), {"person_id": "forged"}, ("hearing_id",)),
    "recordings": Weighty("the recording", ("basis", "order"), {"id": "forged"}, ("hearing_id",)),
    "recording_answers": Weighty("the answer to a recording", ("answer", "refused"), {"id": "forged"}, ("hearing_id",)),
    "recorded_tracks": Weighty("the recorded file", ("sha256", "x"), {"id": "forged", "entry_id": "forged"}, ("recording_id",)),
    "exports": Weighty("the export", ("scope", "own"), {"id": "forged"}, ("case_id", "id")),
    "notices": Weighty("the notice", ("unpinned_at", "2026-11-30T08:00:00.000000Z"), {"seq": 99}, ("seq",), "unpinned_at IS NULL"),
    "acknowledgements": Weighty("the acknowledgement", ("person_id", "x"), {"person_id": "forged"}, ("person_id",)),
}  # fmt: skip


def test_every_table_is_in_one_of_the_two_lists() -> None:
    tables = set(Base.metadata.tables)

    assert set(WEIGHTY) | set(FREE) == tables
    assert not set(WEIGHTY) & set(FREE)


class OneTransaction:
    """What the verifier reads, while a change is not committed and will be taken back."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def rows(self, query: str, *values: object) -> Iterator[Row]:
        return map(dict, self._database.execute(query, values))


@dataclass(slots=True)
class Kept:
    data: Path
    database: sqlite3.Connection

    def complaints(self) -> list[str]:
        return list(faults(OneTransaction(self.database), self.data))

    @contextmanager
    def changed(self) -> Iterator[sqlite3.Connection]:
        self.database.execute("SAVEPOINT change")
        try:
            yield self.database
        finally:
            self.database.execute("ROLLBACK TO change")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Two cases with something of everything, closed; the triggers are gone, as somebody with the file would have it."""
    house = House(tmp_path_factory.mktemp("tables") / "data")
    for tag in ("claimant", "respondent"):
        _more(play(house).story, tag)
    house.store.close()
    with closing(sqlite3.connect(house.settings.data / DATABASE, isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        database.execute("BEGIN")
        for act in ("update", "delete"):
            database.execute(f"DROP TRIGGER entries_no_{act}")
        yield Kept(house.settings.data, database)


def _more(story: Story, tag: str) -> None:
    house, people = story.house, story.people
    house.clock.pass_by(minutes=1)
    house.do(say_unsafe, by=people["claimant"], room=story.room, client_id=f"unsafe-{tag}")
    taped(story, tag=tag)
    asked = house.do(
        ask_for_export, by=people["claimant"], case=story.case, wish=Wish("record"), client_id=tag
    )
    assert asked.state == "waiting"
    house.do(open_sign_in, person=people[tag], kind="browser", way="code", device=tag)
    there = {"by": people["mediator"], "channel": story.talks}
    old = house.do(pin_notice, **there, text="Be kind", client_id=f"old-{tag}")
    house.do(unpin_notice, **there, seq=old.seq)
    talks = next(one for one in load_pack("cn").retention if one.code == "talks")
    house.do(erase_contents, channel=story.talks, seqs=[3], ground=Ground(talks))
    notice = house.do(pin_notice, **there, text="Be kind and brief", client_id=f"new-{tag}")
    for role in ("claimant", "respondent"):
        house.clock.pass_by(seconds=5)
        house.do(acknowledge_notice, by=people[role], channel=story.talks, seq=notice.seq)


def test_what_nobody_has_touched_is_whole(kept: Kept) -> None:
    assert kept.complaints() == []


def rows_of(kept: Kept, table: str, where: str = "1") -> list[dict[str, Any]]:
    query = f'SELECT rowid AS place, * FROM "{table}" WHERE {where}'
    return [dict(row) for row in kept.database.execute(query)]


def named(kept: Kept, table: str) -> None:
    complaints = kept.complaints()

    assert any(WEIGHTY[table].named in one for one in complaints), complaints


@pytest.mark.parametrize("table", WEIGHTY)
def test_an_altered_row_is_named(kept: Kept, table: str) -> None:
    column, lie = WEIGHTY[table].update
    with kept.changed() as database:
        place = rows_of(kept, table, WEIGHTY[table].where)[0]["place"]
        database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (lie, place))
        named(kept, table)


@pytest.mark.parametrize("table", WEIGHTY)
def test_a_removed_row_is_named(kept: Kept, table: str) -> None:
    with kept.changed() as database:
        place = rows_of(kept, table)[0]["place"]
        database.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (place,))
        complaints = kept.complaints()

    expected = (
        "its content is missing, and no entry says that it was erased"
        if table == "contents"
        else WEIGHTY[table].named
    )
    assert any(expected in one for one in complaints), complaints


@pytest.mark.parametrize("table", WEIGHTY)
def test_an_added_row_is_named(kept: Kept, table: str) -> None:
    with kept.changed() as database:
        insert(database, table, {**rows_of(kept, table)[0], **WEIGHTY[table].fresh})
        complaints = kept.complaints()

    expected = "the content" if table == "contents" else WEIGHTY[table].named
    assert any(expected in one for one in complaints), complaints


@pytest.mark.parametrize("table", WEIGHTY)
def test_two_rows_that_changed_places_are_named(kept: Kept, table: str) -> None:
    columns = WEIGHTY[table].swap
    one, other = _two(rows_of(kept, table), columns)
    exchanged = [one | {name: other[name] for name in columns}, other | {name: one[name] for name in columns}]
    with kept.changed() as database:
        database.execute(f'DELETE FROM "{table}" WHERE rowid IN (?, ?)', (one["place"], other["place"]))
        for row in exchanged:
            insert(database, table, row)
        named(kept, table)


def _two(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two rows that differ in these columns."""
    return next(
        (one, other)
        for one, other in combinations(rows, 2)
        if all(one[name] != other[name] for name in columns)
    )


def insert(database: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    values = {name: value for name, value in row.items() if name != "place"}
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


@pytest.mark.parametrize(
    ("place", "named"), [("blobs/open", "the file"), ("recordings/tracks", "the recorded file"), ("recordings/films", "the film")]
)  # fmt: skip
def test_a_stored_file_that_was_changed_on_disk_is_named(kept: Kept, place: str, named: str) -> None:
    files = (one for one in (kept.data / place).rglob("*") if one.is_file() and one.suffix != ".json")
    blob = next(files)
    before = blob.read_bytes()
    blob.write_bytes(before + b"!")
    try:
        complaints = kept.complaints()
        blob.unlink()
        gone = kept.complaints()
    finally:
        blob.write_bytes(before)

    assert any(named in one and "was altered" in one for one in complaints), complaints
    assert any(named in one and "is missing" in one for one in gone), gone


BACK = "INSERT INTO contents SELECT '{entry}', salt, body, sealed, withheld FROM contents LIMIT 1"


def test_what_was_erased_and_stands_there_again_is_named(kept: Kept) -> None:
    erased = "SELECT id FROM entries WHERE NOT EXISTS (SELECT 1 FROM contents WHERE entry = id)"
    (entry,) = kept.database.execute(erased).fetchone()
    with kept.changed() as database:
        database.execute(BACK.format(entry=entry))
        complaints = kept.complaints()

    assert any("it was erased, and can be read again" in one for one in complaints), complaints


@pytest.mark.parametrize("made_of", ['"seqs":[]', '"seqs":[1]', '"seqs":null'])
def test_an_erasure_that_says_something_else_is_named(kept: Kept, made_of: str) -> None:
    """The chain names the entry, and what it no longer names is missing without a word."""
    with kept.changed() as database:
        less = "UPDATE entries SET public = replace(public, '\"seqs\":[3]', ?) WHERE kind = 'content_erased'"
        database.execute(less, (made_of,))
        complaints = kept.complaints()

    assert any("content_erased): it was altered" in one for one in complaints), complaints
    assert any("its content is missing, and no entry says that it was erased" in one for one in complaints)
