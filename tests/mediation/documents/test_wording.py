"""The words of documents: found on their page by who may read them, and by nobody else; what would harm its reader costs nothing."""

import zipfile
from io import BytesIO

import pytest
from sqlalchemy.orm import Session

from mediation.documents.asking import ask_checker
from mediation.documents.content import Content
from mediation.documents.file import FileView, file_for, standing_file
from mediation.documents.office import Unacceptable
from mediation.documents.text import MOST_CHARACTERS, read_text
from mediation.documents.wording import read_words
from mediation.jobs import lease_jobs, waiting_jobs
from mediation.packs.pack import load_pack
from mediation.record.entry import Entry
from mediation.record.erasure import Ground, erase_contents
from mediation.rooms.message import recall_message
from mediation.rooms.query import Query
from mediation.rooms.search import Hit, Wanted, search
from tests.conftest import House
from tests.mediation.documents import samples
from tests.mediation.documents.uploading import send
from tests.stories import Story, opened

TALKS = next(one for one in load_pack("cn").retention if one.code == "talks")
CONTRACT = samples.a_pdf_that_says(
    "Loan contract of Chen and Bo", "双方约定：三月底前归还全部借\n款八万六千元", ""
)


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def sends(story: Story, data: bytes, name: str, channel: str = "") -> Entry:
    return send(story, channel or story.talks, data, name)


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


def test_behind_a_wall_its_members_find_the_words_and_they_are_in_no_index(story: Story) -> None:
    assert story.private is not None
    entry = sends(story, CONTRACT, "paper.pdf", story.private["claimant"])
    works(story)

    for role in ("claimant", "mediator"):
        (hit,) = finds(story, role, "借款")
        assert (hit.entry.channel, hit.entry.seq, hit.page) == (story.private["claimant"], entry.seq, 2)
    assert not finds(story, "respondent", "借款")
    assert not finds(story, "claimant", "contract 借款")
    for table in ("findable", "walled_words"):
        rows = in_table(story, table)
        assert "借款" not in rows
        assert "contract" not in rows


def test_behind_a_wall_what_was_taken_back_is_no_hit_and_what_was_erased_is_gone(story: Story) -> None:
    assert story.private is not None
    channel = story.private["claimant"]
    taken, erased = (
        sends(story, samples.a_pdf_that_says(f"regretted {name}"), name, channel)
        for name in ("a.pdf", "b.pdf")
    )
    works(story)
    assert len(finds(story, "mediator", "regretted")) == 2

    story.house.do(recall_message, by=story.people["claimant"], channel=channel, seq=taken.seq)
    story.house.do(erase_contents, channel=channel, seqs=[erased.seq], ground=Ground(TALKS))

    assert not finds(story, "mediator", "regretted")
    assert in_table(story, "walled_words").count(channel) == 1


def test_so_many_words_are_opened_for_one_question_and_the_rest_for_the_next(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert story.private is not None
    monkeypatch.setattr("mediation.rooms.search.ALL_OPENED", 1)
    for name in ("a.pdf", "b.pdf"):
        story.house.clock.pass_by(seconds=1)
        sends(story, samples.a_pdf_that_says("regretted"), name, story.private["claimant"])
    works(story)
    keys, query = story.house.store.keys, Query.of("regretted")

    names, before = [], None
    for _ in range(3):
        wanted = Wanted(query=query, before=before)
        found = story.house.ask(search, keys, story.people["claimant"], story.room, wanted)
        names.append([hit.words for hit in found.hits])
        before = found.further

    assert names[:2] == [["b.pdf"], ["a.pdf"]]


def in_table(story: Story, table: str) -> str:
    def look(session: Session) -> str:
        return str(session.connection().exec_driver_sql(f"SELECT * FROM {table}").all())

    return story.house.ask(look)


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


def test_documents_are_read_one_at_a_time_and_other_work_goes_on_beside(story: Story) -> None:
    for name in ("a.pdf", "b.pdf"):
        sends(story, CONTRACT, name)
    story.house.do(lambda work: work.later("seal", {}, key="beside"))

    kinds = [[job.kind for job in story.house.do(lease_jobs, limit=1)] for _ in range(50)]

    assert kinds.count(["read_words"]) == 1
    assert ["seal"] in kinds
    assert kinds[-1] == []
