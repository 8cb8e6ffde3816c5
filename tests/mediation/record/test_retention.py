"""Retention: contents go when their time is over, from the tables and from the disk; the chain stays whole, and says what went."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mediation.agreements.agreement import freeze_agreement, propose_terms
from mediation.agreements.terms import terms_data
from mediation.documents.file import StoredFile
from mediation.documents.upload import Upload
from mediation.follow_up import HANDLERS, Runner
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import tracks_of
from mediation.jobs import Job
from mediation.packs.pack import load_pack
from mediation.ports.blobs import Blobs
from mediation.record.clearing import scrub
from mediation.record.entry import Entry, read_entries
from mediation.record.erasure import Ground, erase_contents
from mediation.record.retention import (
    COPIES_KEPT,
    contents_under,
    drop_old_copies,
    erase_class,
    keep_periods,
)
from mediation.record.verify import verify
from mediation.rooms.message import post_message
from mediation.work import Work
from tests.conftest import House
from tests.mediation.agreements.scenes import propose, settled, sign, terms_for, the_version
from tests.mediation.hearings.taped import taped
from tests.mediation.record.bundles import (
    CONTRACT,
    send_file,
    submit,
)
from tests.mediation.record.erasing import erase_what_is_over, what_is_over
from tests.stories import Story, opened

MARK = "zebrafinch"
TALKS = next(one for one in load_pack("cn").retention if one.code == "talks")
VOICE = b"OggS zebrafinch sings" * 50


def verdict(house: House) -> list[str]:
    said: list[str] = []
    verify(house.settings.data, say=said.append, database=house.settings.database)
    return said


def is_whole(house: House) -> bool:
    return verdict(house)[-1].startswith("Whole: ")


def told(house: House, channel: str) -> list[Entry]:
    return house.ask(read_entries, house.store.keys, channel, after=0, limit=500)


def files_with(data: Path, mark: bytes) -> list[Path]:
    return [file for file in data.rglob("*") if file.is_file() and mark in file.read_bytes()]


@dataclass(slots=True)
class Old:
    """A settled case with something of everything, in which one word stands everywhere, and its recording."""

    story: Story
    recording: str


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Old]:
    house = House(tmp_path_factory.mktemp("kept") / "data")
    story = opened(house)
    assert story.private is not None
    chen, bo = story.people["claimant"], story.people["respondent"]
    blobs = Blobs(house.settings.data / "blobs")
    said = [
        house.store.write(
            post_message,
            by=chen if n % 2 else bo,
            channel=story.talks,
            text=f"{MARK} {n} 和解方案 " + MARK * (n % 40),
            client_id=f"k{n}",
        )
        for n in range(300)
    ]
    assert [one.result(30).seq for one in said][-1] == 300
    house.do(send_file, by=bo, channel=story.talks, stored=blobs.put([VOICE]))
    house.do(post_message, by=chen, channel=story.private["claimant"], text=MARK, client_id="p")
    house.do(submit, by=chen, channel=story.record, stored=blobs.put([CONTRACT]))
    recording = taped(story)
    house.do(note_uploads, channel=story.talks, name=f"{MARK}.ogg".encode())
    Blobs(house.settings.data / "blobs").part("given-up").write(VOICE, offset=0)
    terms = terms_data(terms_for(story, total=100_000))
    lin = story.actor("mediator")
    house.do(propose_terms, by=lin, case=story.case, terms=terms, note=MARK)
    signed = propose(story, base=1)
    house.do(freeze_agreement, by=lin, agreement=signed.agreement_id, version=2)
    for role in ("claimant", "respondent"):
        sign(story, role, signed)
    yield Old(story, recording)
    house.store.close()


def note_uploads(work: Work, *, channel: str, name: bytes) -> None:
    """One that has become the file of the talks, and one with which nobody went on."""
    (file,) = work.session.scalars(select(StoredFile.id).where(StoredFile.channel_id == channel))
    told = {
        "person_id": "p",
        "channel_id": channel,
        "purpose": "message",
        "facts": name,
        "size": 9,
        "received": 9,
    }
    for id, became in (("become", file), ("given-up", None)):
        work.add(Upload(id=id, client_id=id, expires_at=work.now, file_id=became, **told))


@pytest.mark.sqlite
def test_erase_keeps_chain(old: Old) -> None:
    """Class after class goes as its period ends; in the end nothing of what was said is on the disk, and the record is whole."""
    house, story = old.story.house, old.story
    data = house.settings.data
    assert len(files_with(data, MARK.encode())) >= 2
    before = [(one.seq, one.kind, one.hash) for one in told(house, story.talks)]

    house.clock.pass_by(days=89)
    assert erase_what_is_over(house) == []
    house.clock.pass_by(days=2)
    assert erase_what_is_over(house) == ["caucus"]
    house.clock.pass_by(days=90)
    assert erase_what_is_over(house) == ["files"]
    assert files_with(data / "blobs", VOICE) == []
    assert files_with(data / "blobs", CONTRACT) != []
    house.clock.pass_by(days=190)
    assert sorted(erase_what_is_over(house)) == ["recordings", "talks"]

    after = told(house, story.talks)
    assert [(one.seq, one.kind, one.hash) for one in after][: len(before)] == before
    assert [one.kind for one in after if one.body is not None] == ["content_erased", "content_erased"]
    assert after[-1].public["rule"] == "talks"
    assert after[-1].public["seqs"] == [
        one.seq for one in after if one.body is None and "file" not in one.public
    ]
    assert files_with(data, MARK.encode()) == []
    with closing(sqlite3.connect(data / "mediation.db")) as hand:
        hand.execute("INSERT INTO findable_index (findable_index) VALUES ('integrity-check')")
    assert [bool(the_version(story, number).text()) for number in (1, 2)] == [False, True]
    assert is_whole(house), verdict(house)


def test_a_recording_that_was_erased_has_no_file_left(old: Old) -> None:
    house = old.story.house
    house.clock.pass_by(days=366)
    erase_what_is_over(house)

    tape = house.ask(lambda session: session.get_one(Recording, old.recording))

    assert (tape.film, tape.film_state) == (None, "erased")
    assert house.ask(tracks_of, old.recording)
    assert [one for one in (house.settings.data / "recordings").rglob("*") if one.is_file()] == []


def test_what_was_agreed_is_still_there_when_everything_else_has_gone(old: Old) -> None:
    house, story = old.story.house, old.story
    house.clock.pass_by(days=365 * 21)
    erase_what_is_over(house)

    there = {one.kind for one in told(house, story.record) if one.body is not None}

    assert {"case_registered", "agreement_signed", "case_settled"} <= there
    assert not there & {"document_submitted", "consent_given", "hearing_started"}
    assert files_with(house.settings.data / "blobs", CONTRACT) == []
    assert is_whole(house), verdict(house)


def test_done_again_nothing_is_erased_and_nothing_is_said(old: Old) -> None:
    house, story = old.story.house, old.story
    house.clock.pass_by(days=366)
    erase_what_is_over(house)
    before = len(told(house, story.talks))

    erase_class(house.store, {"case": story.case, "rule": "talks"})

    assert len(told(house, story.talks)) == before
    assert what_is_over(house) == []


@pytest.fixture
def ended(house: House) -> Story:
    """A case that was settled, with a few words in its talks, and whose year is over."""
    story = opened(house)
    for n in range(4):
        by = story.people["claimant"]
        house.do(post_message, by=by, channel=story.talks, text=f"message {n}", client_id=f"k{n}")
    settled(story)
    house.clock.pass_by(days=366)
    return story


def test_a_job_that_was_killed_goes_on_where_it_was(house: House, ended: Story) -> None:
    house.do(erase_contents, channel=ended.talks, seqs=[1, 2], ground=Ground(TALKS))
    house.open_again()

    erase_class(house.store, {"case": ended.case, "rule": "talks"})

    said = [one.public["seqs"] for one in told(house, ended.talks) if one.kind == "content_erased"]
    assert said == [[1, 2], [3, 4, 5]]
    assert is_whole(house), verdict(house)


def test_the_daily_job_leaves_one_for_each_class_and_comes_again_tomorrow(house: House, ended: Story) -> None:
    keep_periods(house.store, {})
    keep_periods(house.store, {})

    jobs = house.ask(lambda session: [(job.kind, job.payload, job.run_at) for job in session.query(Job)])
    erasing = [payload["rule"] for kind, payload, _ in jobs if kind == "erase"]
    assert erasing == ["talks"]
    assert {at - house.clock() for kind, _, at in jobs if kind == "retention"} == {timedelta(days=1)}


def test_the_server_does_what_the_daily_job_has_left_also_after_a_restart(house: House, ended: Story) -> None:
    keep_periods(house.store, {})
    house.open_again()
    nothing = {kind: lambda _store, _payload: None for kind in HANDLERS}
    own = {kind: HANDLERS[kind] for kind in ("erase", "scrub")}
    runner = Runner(house.store, handlers=nothing | own)

    while runner.run_due():
        pass

    assert house.ask(contents_under, ended.case, TALKS) == {}


@pytest.mark.sqlite
def test_while_somebody_reads_the_log_is_cut_another_time(house: House, ended: Story) -> None:
    with closing(sqlite3.connect(house.settings.data / "mediation.db", isolation_level=None)) as hand:
        hand.execute("BEGIN")
        hand.execute("SELECT count(*) FROM entries").fetchone()
        erase_class(house.store, {"case": ended.case, "rule": "talks"})
        house.clock.pass_by(minutes=5)
        scrub(house.store, {})

    waiting = house.ask(lambda session: [job.run_at for job in session.query(Job) if job.kind == "scrub"])
    assert max(waiting) > house.clock()


def test_a_case_that_goes_on_keeps_everything(house: House) -> None:
    story = opened(house)
    house.do(post_message, by=story.people["claimant"], channel=story.talks, text="still", client_id="k")
    house.clock.pass_by(days=10_000)

    assert what_is_over(house) == []


@pytest.mark.sqlite
def test_a_content_that_is_gone_without_a_word_is_named_and_one_that_comes_back_too(
    house: House, ended: Story
) -> None:
    database = house.settings.data / "mediation.db"
    back = "INSERT INTO contents SELECT * FROM aside"
    find = "SELECT id FROM entries WHERE channel = ? AND seq = 1"
    with closing(sqlite3.connect(database)) as hand, hand:
        (entry,) = hand.execute(find, (ended.talks,)).fetchone()
        hand.execute("CREATE TABLE aside AS SELECT * FROM contents WHERE entry = ?", (entry,))
        hand.execute("DELETE FROM contents WHERE entry = ?", (entry,))
    assert "its content is missing, and no entry says that it was erased." in verdict(house)[0]

    with closing(sqlite3.connect(database)) as hand, hand:
        hand.execute(back)
    house.open_again()
    house.do(erase_contents, channel=ended.talks, seqs=[1], ground=Ground(TALKS))
    assert is_whole(house), verdict(house)
    with closing(sqlite3.connect(database)) as hand, hand:
        hand.execute(back)
    assert "it was erased, and can be read again." in verdict(house)[0]


def test_old_copies_of_the_database_go_and_young_ones_stay(house: House, tmp_path: Path) -> None:
    copy = tmp_path / "2026-11-22T080000.000000Z-talking.db"
    copy.write_bytes(b"")
    made = house.clock.now.fromtimestamp(copy.stat().st_mtime, house.clock.now.tzinfo)

    drop_old_copies(tmp_path, made)
    assert copy.exists()
    drop_old_copies(tmp_path, made + COPIES_KEPT * 2)
    assert not copy.exists()
