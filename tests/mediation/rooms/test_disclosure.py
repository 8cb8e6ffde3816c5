"""Disclosure: only what its speaker releases leaves a private talk, word for word, and the speaker reads where it went."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, Refusal, WrongState
from mediation.record.entry import Entry, read_entries
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.disclosure import (
    DisclosureLedger,
    carry_statement,
    disclosures_for,
    marks_in,
    tag_statement,
)
from mediation.rooms.message import post_message, recall_message
from tests.conftest import House
from tests.stories import Story, opened

OFFER = "I could pay half by March."
SECRET = "The most I could pay is 80,000."


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.fixture
def channel(house: House, story: Story) -> str:
    """The mediator with the respondent's side, who has said two things."""
    people = [story.people["respondent"], story.people["agent"]]
    there = {"by": story.people["mediator"], "room": story.room, "people": people}
    made = house.do(open_caucus, **there, client_id="c")
    for number, text in enumerate((OFFER, SECRET)):
        said = {"by": story.people["respondent"], "channel": made, "text": text}
        house.do(post_message, **said, client_id=f"k{number}")
    return made


def test_what_nobody_released_cannot_be_carried(house: House, story: Story, channel: str) -> None:
    for seq in (1, 2):
        with pytest.raises(NotAllowed, match="not_released"):
            _carry(house, story, channel, seq, story.talks)

    assert _kinds(house, story.talks) == []


@pytest.mark.parametrize("tag", ["may_tell", "tell_now"])
def test_what_was_released_is_carried_word_for_word_once(
    house: House, story: Story, channel: str, tag: str
) -> None:
    _tag(house, story, channel, 1, tag)

    first, second = (_carry(house, story, channel, 1, story.talks) for _ in range(2))

    (told,) = house.ask(read_entries, house.store.keys, story.talks)
    assert (told.id, told.kind, told.body) == (
        first,
        "statement_carried",
        {"text": OFFER, "side": "respondent"},
    )
    assert (first, told.public, told.client_id) == (second, {}, None)


def test_the_speaker_reads_what_was_carried_when_and_to_whom(
    house: House, story: Story, channel: str
) -> None:
    assert story.private is not None
    _tag(house, story, channel, 1, "may_tell")
    house.do(close_caucus, by=story.people["mediator"], channel=channel)
    house.clock.pass_by(hours=1)

    _carry(house, story, channel, 1, story.private["claimant"])

    for role in ("respondent", "agent", "mediator"):
        (ledger,) = _disclosed(house, story, role)
        (each,) = ledger.statements
        assert (each.said.body, each.tag) == ({"text": OFFER}, "may_tell")
        (told,) = each.carried
        assert (told.public["to_kind"], told.public["to_side"]) == ("private", "claimant")
        assert told.actor == story.people["mediator"]
    for role in ("claimant", "judge", "clerk"):
        assert _disclosed(house, story, role) == []


def test_a_mark_goes_up_and_down_until_it_was_carried(house: House, story: Story, channel: str) -> None:
    for tag in ("tell_now", "may_tell", "keep", "keep", "may_tell"):
        _tag(house, story, channel, 1, tag)
    assert _kinds(house, channel).count("statement_tagged") == 4
    _carry(house, story, channel, 1, story.talks)

    with pytest.raises(WrongState, match="already_carried"):
        _tag(house, story, channel, 1, "keep")
    with pytest.raises(WrongState, match="relied_on"):
        house.do(recall_message, by=story.people["respondent"], channel=channel, seq=1)

    assert house.ask(marks_in, channel)[1].carried


def test_what_was_kept_again_before_it_was_carried_stays(house: House, story: Story, channel: str) -> None:
    for tag in ("tell_now", "keep"):
        _tag(house, story, channel, 1, tag)

    with pytest.raises(NotAllowed, match="not_released"):
        _carry(house, story, channel, 1, story.talks)


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("mediator", NotAllowed), ("agent", NotAllowed), ("claimant", NotFound), ("judge", NotFound)],
)
def test_only_the_speaker_marks_a_statement(
    house: House, story: Story, channel: str, role: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        _tag(house, story, channel, 1, "may_tell", by=role)


@pytest.mark.parametrize(
    ("role", "refusal"), [("agent", NotAllowed), ("respondent", NotAllowed), ("judge", NotFound)]
)
def test_only_the_mediator_carries(
    house: House, story: Story, channel: str, role: str, refusal: type[Refusal]
) -> None:
    _tag(house, story, channel, 1, "may_tell")

    with pytest.raises(refusal):
        _carry(house, story, channel, 1, story.talks, by=role)


def test_it_is_carried_into_the_talk_of_this_room_and_not_into_the_record_or_back(
    house: House, story: Story, channel: str
) -> None:
    _tag(house, story, channel, 1, "may_tell")

    for to in (story.record, channel):
        with pytest.raises(Invalid, match="not_there"):
            _carry(house, story, channel, 1, to)
    with pytest.raises(NotFound):
        _carry(house, story, channel, 1, "n0where")


def test_what_was_taken_back_is_neither_marked_nor_carried(house: House, story: Story, channel: str) -> None:
    _tag(house, story, channel, 1, "may_tell")
    house.do(recall_message, by=story.people["respondent"], channel=channel, seq=1)

    with pytest.raises(WrongState, match="taken_back"):
        _carry(house, story, channel, 1, story.talks)


def test_what_is_said_in_the_talks_has_no_mark(house: House, story: Story) -> None:
    said = {"by": story.people["claimant"], "channel": story.talks, "text": "Hello."}
    house.do(post_message, **said, client_id="k")

    with pytest.raises(NotFound):
        _tag(house, story, story.talks, 1, "may_tell", by="claimant")


def _tag(house: House, story: Story, channel: str, seq: int, tag: str, *, by: str = "respondent") -> str:
    return house.do(tag_statement, by=story.people[by], channel=channel, seq=seq, tag=tag)


def _carry(house: House, story: Story, channel: str, seq: int, to: str, *, by: str = "mediator") -> str:
    return house.do(carry_statement, by=story.people[by], channel=channel, seq=seq, to=to)


def _disclosed(house: House, story: Story, role: str) -> list[DisclosureLedger]:
    return house.ask(disclosures_for, house.store.keys, story.people[role], story.room)


def _kinds(house: House, channel: str) -> list[str]:
    read: list[Entry] = house.ask(read_entries, house.store.keys, channel)
    return [entry.kind for entry in read]
