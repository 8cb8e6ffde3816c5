"""Genuine or not: everything that is handed out here is known by its number and by its bytes; nothing else is, and nothing is told of it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mediation.agreements.agreement import AgreementVersion
from mediation.agreements.certificate import issue_certificate
from mediation.agreements.outcome import Outcome
from mediation.documents.file import StoredFile, keep_file
from mediation.hearings.connection import Statement
from mediation.hearings.tracks import RecordedTrack
from mediation.keys import Keys
from mediation.ports.blobs import Blobs, Stored, Wall
from mediation.record.bound import faults_of_tables
from mediation.record.bundle import make_export
from mediation.record.export import Export, Wish, ask_for_export
from mediation.record.reading import DATABASE, reading
from mediation.registry.genuine import Genuine, genuine_by_file, genuine_by_number, genuine_statement
from mediation.work import Work
from tests.conftest import House
from tests.mediation.agreements.scenes import propose
from tests.mediation.hearings.taped import FILM, taped
from tests.mediation.record.bundles import CONTRACT, play, send_file, submit
from tests.stories import Story, opened

ORDER = b"%PDF-1.7 the mediator asks for the bank statement\n"
SECRET = b"%PDF-1.7 what only the mediator may see\n"


@dataclass(slots=True)
class Counter:
    """A house in which everything has been handed out once: a settled case, and one at work with what nobody may find."""

    house: House
    story: Story
    at_work: Story

    def by_number(self, number: str) -> Genuine | None:
        return self.house.ask(genuine_by_number, number)

    def by_file(self, *digests: str) -> Genuine | None:
        return self.house.ask(genuine_by_file, digests)

    def one(self, column: object, *conditions: object) -> str:
        return str(self.house.ask(_one, column, *conditions))


def _one(session: Session, column: object, *conditions: object) -> object:
    return session.scalars(select(column).where(*conditions)).first()  # type: ignore[call-overload]


def beside_a_message(work: Work, *, by: str, channel: str, stored: Stored) -> None:
    entry = work.happened("message_posted", channel, by, public={"file": "beside"}, body={"text": ""})
    keep_file(work, file="beside", entry=entry, purpose="message", stored=stored)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    house = House(tmp_path_factory.mktemp("counter") / "data")
    story, at_work = play(house).story, opened(house)
    blobs = Blobs(house.settings.data / "blobs")
    lin, chen = story.people["mediator"], story.people["claimant"]
    house.do(submit, by=lin, channel=story.record, stored=blobs.put([ORDER]))
    assert at_work.private is not None
    house.do(
        submit,
        by=lin,
        channel=at_work.private["claimant"],
        stored=blobs.put([SECRET], wall=Wall("w", bytes(32))),
    )
    house.do(send_file, by=lin, channel=at_work.talks, stored=blobs.put([SECRET]))
    house.do(beside_a_message, by=lin, channel=at_work.record, stored=blobs.put([SECRET]))
    propose(at_work)
    taped(at_work)
    outcome = house.ask(_one, Outcome.id)
    issue_certificate(house.store, {"outcome": outcome})
    wish = house.do(
        ask_for_export, by=chen, case=story.case, wish=Wish("record"), client_id="take-it-along-0001"
    )
    make_export(house.store, {"export": wish.id})
    house.do(ask_for_export, by=chen, case=story.case, wish=Wish("record"), client_id="not-yet-made-0001")
    yield Counter(house, story, at_work)
    house.store.close()


def test_a_certificate_and_the_agreement_in_it_are_known(counter: Counter) -> None:
    number, digest = counter.one(Outcome.code), counter.one(Outcome.digest)

    certificate, agreement = counter.by_number(number), counter.by_number(counter.one(Outcome.agreement_id))

    assert certificate is not None and agreement is not None
    assert (certificate.kind, certificate.text, agreement.kind) == ("certificate", digest, "agreement")
    assert counter.by_file(certificate.sha256) == certificate
    assert counter.by_file("0" * 64, digest) == agreement


def test_what_the_bench_gives_out_is_found_by_number_and_by_file(counter: Counter) -> None:
    found = counter.by_file(sha(ORDER))

    assert found is not None and found.kind == "document"
    assert counter.by_number(found.number) == found


def test_what_a_side_hands_in_is_found_by_its_number_alone(counter: Counter) -> None:
    """Who has a paper of somebody else's must not learn from it that it lies in a case."""
    handed_in = {"purpose": "document", "person_id": counter.story.people["claimant"]}
    number = counter.one(
        StoredFile.id, *(getattr(StoredFile, name) == value for name, value in handed_in.items())
    )

    found = counter.by_number(number)

    assert found is not None and (found.kind, found.sha256) == ("handed_in", sha(CONTRACT))
    assert counter.by_file(sha(CONTRACT)) is None


def test_bundles_and_recordings_are_known(counter: Counter) -> None:
    bundle = counter.by_number(counter.one(Export.id, Export.state == "ready"))
    film = counter.by_file(sha(FILM))
    track = counter.by_file(counter.one(RecordedTrack.sha256))

    assert bundle is not None and film is not None and track is not None
    assert [bundle.kind, film.kind, track.kind] == ["bundle", "film", "track"]
    assert [counter.by_file(one.sha256) for one in (bundle, film, track)] == [bundle, film, track]
    assert [counter.by_number(one.number) for one in (film, track)] == [film, track]


def test_talks_private_talks_drafts_and_what_is_not_made_yet_do_not_exist(counter: Counter) -> None:
    hidden = [
        counter.one(StoredFile.id, StoredFile.purpose == "message", StoredFile.channel_id == counter.at_work.talks),
        counter.one(StoredFile.id, StoredFile.channel_id == (counter.at_work.private or {})["claimant"]),
        counter.one(AgreementVersion.agreement_id, AgreementVersion.digest != counter.one(Outcome.digest)),
        counter.one(Export.id, Export.state == "waiting"),
        "beside", counter.story.case, counter.story.room, counter.story.people["claimant"], "", "None",
    ]  # fmt: skip
    draft = counter.one(AgreementVersion.digest, AgreementVersion.agreement_id == hidden[2])

    assert [counter.by_number(number) for number in hidden] == [None] * len(hidden)
    assert [counter.by_file(digest) for digest in (sha(SECRET), draft, "")] == [None] * 3


def test_yes_and_no_ask_the_database_the_same(counter: Counter) -> None:
    """What is found early must not be answered earlier: the questions are the same, whatever they find."""
    asked: list[str] = []
    engine = counter.house.store._database.reading

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    def questions(number: str) -> list[str]:
        asked.clear()
        counter.by_number(number)
        return list(asked)

    event.listen(engine, "before_cursor_execute", note)
    try:
        known, unknown = questions(counter.one(Outcome.code)), questions("n0body")
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert known == unknown
    assert len(known) >= 7


def test_a_connection_statement_is_known_by_our_signature_alone(counter: Counter, tmp_path: Path) -> None:
    keys, others = counter.house.store.keys, Keys.load(tmp_path / "keys")
    signed, forged = (Statement("h", "p", (), (), ()).signed(one) for one in (keys, others))

    found = genuine_statement(keys, signed["digest"], signed["signature"])

    assert found is not None and (found.kind, found.text) == ("statement", signed["digest"])
    assert genuine_statement(keys, signed["digest"], forged["signature"]) is None
    assert genuine_statement(keys, "0" * 64, signed["signature"]) is None
    assert genuine_statement(keys, "", "") is None


@pytest.mark.parametrize(
    ("lie", "named"),
    [
        ("UPDATE outcomes SET certificate_sha256 = 'x' WHERE certificate_sha256 IS NOT NULL", "its certificate_sha256"),
        ("UPDATE outcomes SET code = 'x' WHERE certificate_sha256 IS NOT NULL", "its code"),
        ("UPDATE exports SET sha256 = 'x' WHERE sha256 IS NOT NULL", "its sha256"),
    ],
)  # fmt: skip
def test_who_changes_what_the_page_goes_by_is_found(
    counter: Counter, tmp_path: Path, lie: str, named: str
) -> None:
    with (
        closing(sqlite3.connect(counter.house.settings.data / DATABASE)) as own,
        closing(sqlite3.connect(tmp_path / DATABASE)) as copy,
    ):
        own.backup(copy)
        copy.execute(lie)
        copy.commit()

    with reading(counter.house.settings.data) as before, reading(tmp_path) as after:
        assert list(faults_of_tables(before)) == []
        assert any(named in one for one in faults_of_tables(after))


def test_nothing_of_content_or_people_is_told() -> None:
    assert [field.name for field in fields(Genuine)] == [
        "kind",
        "number",
        "at",
        "sha256",
        "text",
        "withdrawn",
    ]
