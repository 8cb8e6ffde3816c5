"""Search: every word that was said is found by who may read it, Chinese and English, and by nobody else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediation.errors import NotFound
from mediation.record.findable import tokens_of
from mediation.rooms.message import post_message, recall_message
from mediation.rooms.query import Query
from mediation.rooms.search import Found, Wanted, search, search_all
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def says(story: Story, role: str, text: str, channel: str | None = None, **more: object) -> int:
    what = {"by": story.people[role], "channel": channel or story.talks, "text": text}
    return story.house.do(post_message, **what, client_id=f"{role}-{text}"[:60], **more).seq


def finds(story: Story, role: str, typed: str, *, limit: int = 20, **rules: object) -> Found:
    wanted = Wanted(query=Query.of(typed), **rules)  # type: ignore[arg-type]
    keys = story.house.store.keys
    return story.house.ask(search, keys, story.people[role], story.room, wanted, limit=limit)


def texts(found: Found) -> list[str]:
    return [hit.words for hit in found.hits]


def test_a_chinese_word_is_found_wherever_it_stands(story: Story) -> None:
    says(story, "claimant", "我要求归还全部借款八万六千元")
    says(story, "respondent", "借一款")

    for word in ("借款", "部借", "归还全部", "元", "六千元"):
        assert texts(finds(story, "mediator", word)) == ["我要求归还全部借款八万六千元"], word


def test_an_english_word_is_found_by_its_beginning_in_any_letters(story: Story) -> None:
    says(story, "claimant", "The Repayment is due in March")

    for word in ("repay", "REPAYMENT", "ｍａｒｃｈ", "due march"):
        assert len(finds(story, "mediator", word).hits) == 1, word
    for word in ("payment", "repayments", "due april"):
        assert not finds(story, "mediator", word).hits, word


def test_a_hit_says_where_it_stands_and_what_to_mark(story: Story) -> None:
    seq = says(story, "claimant", "x " * 200 + "付款日期是三月")

    (hit,) = finds(story, "mediator", "三月").hits

    assert (hit.entry.channel, hit.entry.seq) == (story.talks, seq)
    assert [hit.words[start:stop] for start, stop in hit.marks] == ["三月"]
    assert len(hit.words) <= 160


def test_who_is_outside_finds_nothing_and_a_stranger_not_even_the_room(story: Story) -> None:
    assert story.private is not None
    says(story, "claimant", "talkword")
    says(story, "claimant", "privateword", story.private["claimant"])

    assert [len(finds(story, role, "talkword").hits) for role in ("respondent", "judge", "clerk")] == [
        1,
        0,
        0,
    ]
    found = {role: len(finds(story, role, "privateword").hits) for role in ("claimant", "mediator")}
    assert found == {"claimant": 1, "mediator": 1}
    assert finds(story, "respondent", "privateword") == Found((), None)
    with pytest.raises(NotFound):
        finds(story, "stranger", "talkword")


def test_what_is_said_behind_a_wall_is_in_no_index(story: Story) -> None:
    assert story.private is not None
    says(story, "claimant", "canaryword", story.private["claimant"])

    rows = story.house.ask(
        lambda session: session.connection().exec_driver_sql("SELECT * FROM findable").all()
    )

    assert "canaryword" not in str(rows)


@pytest.mark.sqlite
def test_what_was_taken_back_is_not_found_and_leaves_no_word_in_the_index(story: Story) -> None:
    seq = says(story, "claimant", "regretted words")
    story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=seq)

    asked = "SELECT count(*) FROM findable_index WHERE findable_index MATCH 'regretted'"
    left = story.house.ask(lambda session: session.connection().exec_driver_sql(asked).scalar_one())

    assert not finds(story, "claimant", "regretted").hits
    assert left == 0


def test_open_and_walled_places_are_read_on_together_the_newest_first(story: Story) -> None:
    assert story.private is not None
    for n in range(6):
        story.house.clock.pass_by(seconds=1)
        says(story, "claimant", f"offer {n}", story.private["claimant"] if n % 2 else story.talks)

    first = finds(story, "claimant", "offer", limit=4)
    rest = finds(story, "claimant", "offer", limit=4, before=first.further)

    assert texts(first) + texts(rest) == [f"offer {n}" for n in (5, 4, 3, 2, 1, 0)]
    assert rest.further is None


def test_a_search_can_be_narrowed_to_a_person_a_time_and_files(story: Story) -> None:
    assert story.private is not None
    says(story, "claimant", "the contract")
    story.house.clock.pass_by(hours=1)
    file = {"id": "f1", "name": "contract of loan.pdf", "type": "application/pdf", "size": 3, "sha256": "0"}
    for channel in (story.talks, story.private["respondent"]):
        says(story, "respondent", "", channel, file=file)

    late = finds(story, "respondent", "contract", since="2026-11-22T08:30:00")
    early = finds(story, "respondent", "contract", until="2026-11-22T08:30:00")

    assert texts(late) == ["contract of loan.pdf"] * 2
    assert texts(early) == ["the contract"]
    assert texts(finds(story, "respondent", "contract", files=True)) == ["contract of loan.pdf"] * 2
    assert texts(finds(story, "respondent", "contract", by=story.people["claimant"])) == ["the contract"]


def test_all_rooms_of_a_person_are_searched_at_once_and_no_others(story: Story) -> None:
    assert story.private is not None
    says(story, "claimant", "an offer in the talk")
    story.house.clock.pass_by(seconds=1)
    says(story, "claimant", "an offer in private", story.private["claimant"])

    def everywhere(role: str) -> list[str]:
        wanted, keys = Wanted(query=Query.of("offer")), story.house.store.keys
        return texts(story.house.ask(search_all, keys, story.people[role], wanted))

    assert everywhere("mediator") == ["an offer in private", "an offer in the talk"]
    assert everywhere("respondent") == ["an offer in the talk"]
    assert everywhere("judge") == everywhere("stranger") == []


def test_characters_that_stand_together_are_kept_in_twos_and_words_whole() -> None:
    assert tokens_of("归还借款 Loan-2024_A") == "归还 还借 借款 款 loan 2024 a"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=60) | st.text(alphabet="\"'*:()^-+ANDORNEAR {}\\%_借款a\x00", max_size=40))
def test_nothing_that_is_typed_breaks_a_search(story: Story, typed: str) -> None:
    found = finds(story, "claimant", typed)

    assert found.further is None


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=80))
def test_a_text_is_found_by_any_of_its_own_words_and_marks_stand_in_it(text: str) -> None:
    query = Query.of(text)
    words, marks = query.excerpt(text)

    assert not query.terms or query.holds(text)
    assert all(0 <= start < stop <= len(words) for start, stop in marks)
