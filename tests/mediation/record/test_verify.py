"""`mediation verify`: says that a whole record is whole, and names the first bad entry of one that somebody has changed by hand."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mediation.record.seal import FILE, seal_heads
from mediation.record.verify import verify
from mediation.rooms.caucus import open_caucus
from mediation.rooms.message import post_message, recall_message
from mediation.sqlite import DATABASE
from tests.conftest import House
from tests.mediation.agreements.scenes import settled
from tests.stories import opened
from web.cli import main

pytestmark = pytest.mark.sqlite

Tamper = Callable[[sqlite3.Connection, str], None]
SAID = 6
LAST = SAID + 2
"""A recall and a proposal come after the messages."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A data folder with a settled case in it: six messages in the talks, one in a caucus. No server runs on it."""

    data: Path
    record: str
    talks: str
    caucus: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Played once: what is done to it afterwards needs no server."""
    house = House(tmp_path_factory.mktemp("kept") / "data")
    told = opened(house)
    chen, lin = told.people["claimant"], told.people["mediator"]
    for n in range(SAID):
        house.do(post_message, by=chen, channel=told.talks, text=f"message {n}", client_id=f"k{n}")
    caucus = house.do(open_caucus, by=lin, room=told.room, people=[chen], client_id="c")
    house.do(post_message, by=lin, channel=caucus, text="The lowest you would take?", client_id="k")
    house.do(recall_message, by=chen, channel=told.talks, seq=1)
    settled(told)
    seal_heads(house.store, {})
    house.store.close()
    return Kept(house.settings.data, told.record, told.talks, caucus)


@pytest.fixture
def kept(story: Kept, tmp_path: Path) -> Kept:
    """A copy of the folder, without the seal."""
    shutil.copytree(story.data, tmp_path / "data", ignore=shutil.ignore_patterns(FILE))
    return replace(story, data=tmp_path / "data")


@pytest.fixture
def sealed(story: Kept, kept: Kept) -> Kept:
    """A copy of the folder with its seal."""
    shutil.copy(story.data / FILE, kept.data / FILE)
    return kept


def verdict(kept: Kept) -> tuple[int, list[str]]:
    """The exit status and what was said."""
    said: list[str] = []
    return verify(kept.data, say=said.append), said


def by_hand(kept: Kept, act: Tamper, channel: str) -> None:
    """Changes the database as somebody with the file could: the triggers first."""
    with closing(sqlite3.connect(kept.data / DATABASE)) as database, database:
        for act_name in ("update", "delete"):
            database.execute(f"DROP TRIGGER entries_no_{act_name}")
        act(database, channel)


def entry_id(database: sqlite3.Connection, channel: str, seq: int) -> str:
    found = database.execute(
        "SELECT id FROM entries WHERE channel = ? AND seq = ?", (channel, seq)
    ).fetchone()
    return str(found[0])


def change_the_actor(database: sqlite3.Connection, channel: str) -> None:
    database.execute("UPDATE entries SET actor = 'somebody' WHERE channel = ? AND seq = 3", (channel,))


def change_the_time(database: sqlite3.Connection, channel: str) -> None:
    database.execute(
        "UPDATE entries SET at = '2020' || substr(at, 5) WHERE channel = ? AND seq = 3", (channel,)
    )


def change_and_hash_anew(database: sqlite3.Connection, channel: str) -> None:
    """Whoever hashes the changed entry again breaks the link to the next one."""
    database.execute("UPDATE entries SET hash = ? WHERE channel = ? AND seq = 3", ("a" * 64, channel))


def delete_one(database: sqlite3.Connection, channel: str) -> None:
    database.execute("DELETE FROM entries WHERE channel = ? AND seq = 3", (channel,))


def delete_the_first(database: sqlite3.Connection, channel: str) -> None:
    database.execute("DELETE FROM entries WHERE channel = ? AND seq = 1", (channel,))


def delete_and_close_the_gap(database: sqlite3.Connection, channel: str) -> None:
    delete_one(database, channel)
    for seq in range(4, LAST + 1):
        database.execute("UPDATE entries SET seq = ? WHERE channel = ? AND seq = ?", (seq - 1, channel, seq))


def swap_two(database: sqlite3.Connection, channel: str) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        database.execute("UPDATE entries SET seq = ? WHERE channel = ? AND seq = ?", (new, channel, old))


def insert_one(database: sqlite3.Connection, channel: str) -> None:
    """A copy of an entry, at the end."""
    columns = "channel, kind, actor, at, public, digest, version, prev, hash"
    database.execute(
        f"INSERT INTO entries (id, seq, {columns}) SELECT 'forged', ?, {columns} FROM entries WHERE channel = ? AND seq = 3",
        (LAST + 1, channel),
    )


def move_to_another_channel(database: sqlite3.Connection, channel: str) -> None:
    database.execute("UPDATE entries SET channel = 'elsewhere' WHERE channel = ? AND seq = 3", (channel,))


def change_what_was_said(database: sqlite3.Connection, channel: str) -> None:
    said = json.dumps({"text": "I owe nothing"}).encode()
    database.execute("UPDATE contents SET body = ? WHERE entry = ?", (said, entry_id(database, channel, 3)))


def remove_what_was_said(database: sqlite3.Connection, channel: str) -> None:
    database.execute("DELETE FROM contents WHERE entry = ?", (entry_id(database, channel, 3),))


def exchange_what_was_said(database: sqlite3.Connection, channel: str) -> None:
    """The right words, but another entry's."""
    one, other = entry_id(database, channel, 3), entry_id(database, channel, 4)
    database.execute(
        "UPDATE contents SET (salt, body) = (SELECT salt, body FROM contents WHERE entry = ?) WHERE entry = ?",
        (other, one),
    )


@pytest.mark.parametrize(
    ("tamper", "first_bad", "why"),
    [
        (change_the_actor, 3, "it was altered"),
        (change_the_time, 3, "it was altered"),
        (change_and_hash_anew, 3, "it was altered"),
        (delete_one, 4, "entries 3 to 3 are missing before it"),
        (delete_the_first, 2, "entries 1 to 1 are missing before it"),
        (delete_and_close_the_gap, 3, "it does not follow the entry before it"),
        (swap_two, 3, "it does not follow the entry before it"),
        (insert_one, LAST + 1, "it does not follow the entry before it"),
        (move_to_another_channel, 4, "entries 3 to 3 are missing before it"),
        (change_what_was_said, 3, "its content was altered"),
        (remove_what_was_said, 3, "its content is missing"),
        (exchange_what_was_said, 3, "its content was altered"),
    ],
)
def test_the_first_bad_entry_is_named(kept: Kept, tamper: Tamper, first_bad: int, why: str) -> None:
    by_hand(kept, tamper, kept.talks)

    status, said = verdict(kept)

    assert status == 1
    about_it = [line for line in said if line.startswith(f"channel {kept.talks}, ")]
    assert about_it[0].startswith(f"channel {kept.talks}, entry {first_bad} ("), said
    assert why in about_it[0]


def test_a_whole_record_is_whole_also_with_what_was_recalled_and_what_is_walled(kept: Kept) -> None:
    status, said = verdict(kept)

    assert status == 0, said
    assert said[-1].startswith("Whole: ")


def test_content_of_a_caucus_that_was_changed_is_found(kept: Kept) -> None:
    def flip_a_bit(database: sqlite3.Connection, channel: str) -> None:
        (sealed,) = database.execute(
            "SELECT body FROM contents WHERE entry = ?", (entry_id(database, channel, 1),)
        ).fetchone()
        flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
        database.execute(
            "UPDATE contents SET body = ? WHERE entry = ?", (flipped, entry_id(database, channel, 1))
        )

    by_hand(kept, flip_a_bit, kept.caucus)

    status, said = verdict(kept)
    assert status == 1
    assert said[0].startswith(f"channel {kept.caucus}, entry 1 (")
    assert "its content was altered" in said[0]


def test_content_of_a_caucus_that_was_put_into_the_clear_is_found(kept: Kept) -> None:
    def put_into_the_clear(database: sqlite3.Connection, channel: str) -> None:
        said = (json.dumps({"text": "another floor"}).encode(), entry_id(database, channel, 1))
        database.execute("UPDATE contents SET body = ?, sealed = 0 WHERE entry = ?", said)

    by_hand(kept, put_into_the_clear, kept.caucus)

    status, said = verdict(kept)
    assert status == 1
    assert said[0].startswith(f"channel {kept.caucus}, entry 1 (")


def cut(seq: int) -> Tamper:
    def cut_the_end(database: sqlite3.Connection, channel: str) -> None:
        gone = "SELECT id FROM entries WHERE channel = ? AND seq >= ?"
        database.execute(f"DELETE FROM contents WHERE entry IN ({gone})", (channel, seq))
        database.execute("DELETE FROM entries WHERE channel = ? AND seq >= ?", (channel, seq))

    return cut_the_end


def test_an_end_that_was_cut_off_is_found_by_the_seal(sealed: Kept) -> None:
    by_hand(sealed, cut(5), sealed.talks)

    status, said = verdict(sealed)

    assert status == 1
    assert said[0].startswith(f"channel {sealed.talks}, entry {LAST}: it was sealed on ")


def test_a_seal_that_was_written_anew_is_found(sealed: Kept) -> None:
    by_hand(sealed, cut(5), sealed.talks)
    file = sealed.data / FILE
    seal = json.loads(file.read_text())
    del seal["heads"][sealed.talks]
    file.write_text(json.dumps(seal) + "\n")

    status, said = verdict(sealed)

    assert status == 1
    assert said[0] == "Seal 1 of seals.jsonl was altered."


def test_an_end_that_was_cut_off_is_found_by_the_signature_that_names_it(kept: Kept) -> None:
    with closing(sqlite3.connect(kept.data / DATABASE)) as database:
        query = "SELECT seq FROM entries WHERE channel = ? AND kind = 'agreement_signed' ORDER BY seq"
        signed = [seq for (seq,) in database.execute(query, (kept.record,))]
    assert len(signed) == 2
    by_hand(kept, cut(signed[1]), kept.record)

    status, said = verdict(kept)

    assert status == 1
    assert any(line.startswith("the signature ") and "which is missing" in line for line in said), said


def test_everything_about_a_consent_can_be_cut_off_but_not_unseen(kept: Kept) -> None:
    by_hand(kept, cut(1), kept.record)

    status, said = verdict(kept)

    assert status == 1
    assert sum(line.startswith("the consent ") for line in said) == 2, said


def test_the_command_says_it_with_its_exit_status(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["verify", "--data", str(kept.data)]
    assert main(asked) == 0
    assert capsys.readouterr().out.startswith("Whole: ")

    by_hand(kept, change_the_actor, kept.talks)

    assert main(asked) == 1
    assert f"channel {kept.talks}, entry 3 (" in capsys.readouterr().out
    assert main(["verify", "--data", str(tmp_path / "nothing")]) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("UPDATE consents SET answer = 'refused'", "the consent "),
        ("UPDATE consents SET version = 'another'", "the consent "),
        ("DELETE FROM consents", "entry 2 ("),
        ("UPDATE signatures SET person_id = person_id || 'x'", "the signature "),
        ("UPDATE signatures SET digest = 'another text'", "the signature "),
        (
            "UPDATE signatures SET entry_id = (SELECT id FROM entries WHERE kind = 'room_opened')",
            "the signature ",
        ),
        ("DELETE FROM signatures", "agreement_signed): the signature it made is missing"),
        ("UPDATE outcomes SET digest = 'another text'", "the outcome "),
        ("DELETE FROM outcomes", "case_settled): the outcome it made is missing"),
        ("UPDATE contents SET withheld = 0", "entry 1 ("),
    ],
)
def test_a_row_that_says_something_else_than_its_entry_is_found(
    kept: Kept, change: str, complaint: str
) -> None:
    with closing(sqlite3.connect(kept.data / DATABASE)) as database, database:
        database.execute(change)

    status, said = verdict(kept)

    assert status == 1
    assert any(complaint in line for line in said), said
