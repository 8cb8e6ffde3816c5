"""The words of documents: found on their page by who may read them, and by nobody else; what would harm its reader costs nothing."""

import zipfile
from io import BytesIO

import pytest

from mediation.documents.asking import ask_checker
from mediation.documents.content import Content
from mediation.documents.file import FileView, file_for, standing_file
from mediation.documents.gate import Gate
from mediation.documents.office import Unacceptable
from mediation.documents.receiving import receive
from mediation.documents.text import MOST_CHARACTERS, read_text
from mediation.documents.upload import advance_upload, begin_upload, finish_upload
from mediation.documents.wording import read_words
from mediation.jobs import waiting_jobs
from mediation.ports.blobs import Blobs
from mediation.record.entry import Entry
from mediation.rooms.message import recall_message
from mediation.rooms.query import Query
from mediation.rooms.search import Hit, Wanted, search
from tests.conftest import House
from tests.mediation.documents import samples
from tests.stories import Story, opened

CONTRACT = samples.a_pdf_that_says(
    "Loan contract of Chen and Bo", "双方约定：三月底前归还全部借\n款八万六千元", ""
)


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def sends(story: Story, data: bytes, name: str, channel: str = "") -> Entry:
    """All steps of an upload, and the job that follows it."""
    house, person, blobs = story.house, story.people["claimant"], Blobs(story.house.settings.data / "blobs")
    upload = house.do(
        begin_upload, by=person, channel=channel or story.talks, client_id=name, purpose="message", name=name, size=len(data)
    )  # fmt: skip
    blobs.part(upload.id, wall=upload.wall).write(data, offset=0)
    house.do(advance_upload, by=person, upload=upload.id, received=len(data))
    arrived = receive(blobs, Gate(limit=10**8), upload)
    finished = house.do(finish_upload, by=person, upload=upload.id, arrived=arrived)
    assert finished is not None
    return finished.entry


def works(story: Story) -> None:
    for job in story.house.ask(waiting_jobs, "read_words"):
        read_words(story.house.store, job.payload)


def finds(story: Story, role: str, typed: str) -> tuple[Hit, ...]:
    keys, wanted = story.house.store.keys, Wanted(query=Query.of(typed))
    return story.house.ask(search, keys, story.people[role], story.room, wanted).hits


def look(story: Story, entry: Entry) -> FileView:
    assert entry.body is not None
    return story.house.ask(
        file_for, story.house.store.keys, story.people["claimant"], entry.body["file"]["id"]
    )


def test_words_in_a_document_are_found_on_their_page_by_who_may_read_it(story: Story) -> None:
    entry = sends(story, CONTRACT, "paper.pdf")
    works(story)

    assert look(story, entry).text_state == "done"
    for typed, page in (("借款", 2), ("三月 归还", 2), ("contract", 1)):
        (hit,) = finds(story, "respondent", typed)
        assert (hit.entry.seq, hit.page, hit.words) == (entry.seq, page, "paper.pdf"), typed
    (named,) = finds(story, "respondent", "paper")
    assert named.page is None
    assert not finds(story, "respondent", "contract 借款"), "words of two pages are not together"
    assert not finds(story, "judge", "借款")


def test_what_was_taken_back_is_no_hit_whether_before_or_after_it_was_read(story: Story) -> None:
    late, early = (
        sends(story, samples.a_pdf_that_says(f"regretted {name}"), name) for name in ("a.pdf", "b.pdf")
    )
    who = {"by": story.people["claimant"], "channel": story.talks}
    story.house.do(recall_message, **who, seq=early.seq)
    works(story)
    assert [hit.entry.seq for hit in finds(story, "mediator", "regretted")] == [late.seq]

    story.house.do(recall_message, **who, seq=late.seq)

    assert not finds(story, "mediator", "regretted")
    rows = story.house.ask(
        lambda session: session.connection().exec_driver_sql("SELECT * FROM findable").all()
    )
    assert "regretted" not in str(rows)


def test_nothing_behind_a_wall_is_read_into_the_index(story: Story) -> None:
    assert story.private is not None
    sends(story, CONTRACT, "paper.pdf", story.private["claimant"])

    assert not story.house.ask(waiting_jobs, "read_words")
    assert not finds(story, "claimant", "contract")


def test_a_document_without_words_says_so_and_is_found_by_its_name(story: Story) -> None:
    entry = sends(story, samples.a_pdf_that_says(""), "scan.pdf")
    works(story)

    assert look(story, entry).text_state == "failed"
    assert len(finds(story, "mediator", "scan")) == 1


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_paragraphs_of_a_letter_are_read_in_their_order(kind: str) -> None:
    letter = samples.a_letter(kind, "归还借款", "by the end of March")

    assert read_text(BytesIO(letter), kind) == ["归还借款\nby the end of March\n"]


@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_plain_text_is_read_in_each_way_in_which_it_is_let_in(written: str) -> None:
    assert read_text(BytesIO("归还借款".encode(written)), "txt") == ["归还借款"]


def test_of_a_text_without_end_only_the_beginning_is_read() -> None:
    (page,) = read_text(BytesIO(b"word " * MOST_CHARACTERS), "txt")

    assert len(page) == MOST_CHARACTERS


def test_what_bursts_or_grows_is_not_opened() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 50_000_000)
    grows = samples.a_zip({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})

    for data, why in ((bomb.getvalue(), "bursts"), (grows, "active")):
        with pytest.raises(Unacceptable, match=why):
            read_text(BytesIO(data), "docx")


def test_a_malicious_pdf_ends_the_checker_and_nothing_else() -> None:
    # One stream that unpacks to more than the checker's memory, as the words of its only page.
    bomb = samples.a_pdf_that_bursts(1500)

    assert len(bomb) < 10_000
    assert ask_checker(Content.of(bomb), "text", "pdf") == ({"refused": "bursts"}, b"")


def test_a_file_that_is_gone_is_left_alone(story: Story) -> None:
    read_words(story.house.store, {"file": "none"})

    assert story.house.ask(standing_file, story.house.store.keys, "none") is None
