"""Who has listened to a voice message: told once, and only of what can be listened to."""

import pytest

from mediation.errors import Invalid, NotFound
from mediation.rooms.location import Location
from mediation.rooms.message import post_message
from mediation.rooms.played import mark_played, played_in
from tests.conftest import House
from tests.stories import Story, opened


def voice_in(story: Story, channel: str) -> int:
    file = {"id": "f1", "name": "voice.webm", "voice": {"ms": 900, "levels": [1]}}
    said = {"by": story.people["claimant"], "channel": channel, "text": "", "client_id": "v1", "file": file}
    return story.house.do(post_message, **said).seq


def test_a_listener_is_noted_once_and_the_speaker_never(house: House) -> None:
    story = opened(house)
    seq, people = voice_in(story, story.talks), story.people

    first = [
        house.do(mark_played, by=people[who], channel=story.talks, seq=seq)
        for who in ("respondent", "mediator", "respondent", "claimant")
    ]

    assert first == [True, True, False, False]
    heard = house.ask(played_in, people["agent"], story.talks, [seq, seq + 5])
    assert sorted(heard) == [seq]
    assert set(heard[seq]) == {people["respondent"], people["mediator"]}


def test_who_is_no_member_neither_listens_nor_learns_who_did(house: House) -> None:
    story = opened(house)
    assert story.private is not None
    channel = story.private["claimant"]
    seq = voice_in(story, channel)

    for ask in (
        lambda: house.do(mark_played, by=story.people["respondent"], channel=channel, seq=seq),
        lambda: house.ask(played_in, story.people["respondent"], channel, [seq]),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("away", [0, 1])
def test_a_text_and_what_was_never_said_cannot_be_listened_to(house: House, away: int) -> None:
    story = opened(house)
    said = {"by": story.people["claimant"], "channel": story.talks, "text": "I can wait.", "client_id": "k"}
    seq = house.do(post_message, **said).seq

    with pytest.raises(Invalid):
        house.do(mark_played, by=story.people["respondent"], channel=story.talks, seq=seq + away)


def test_a_place_is_kept_in_words_and_digits_and_only_a_real_one(house: House) -> None:
    story = opened(house)
    here = Location(31.2304161, -0.0000049, 11.2, "  Court,\n gate 2 ")
    said = {"by": story.people["claimant"], "channel": story.talks, "text": "", "client_id": "k"}

    entry = house.do(post_message, **said, location=here)

    told = {"latitude": "31.23042", "longitude": "0.00000", "accuracy": 12, "name": "Court, gate 2"}
    assert entry.body == {"text": "", "location": told}
    for wrong in (
        Location(91, 0, 1), Location(0, -181, 1), Location(0, 0, -1), Location(0, 0, 1e9),
        Location(float("nan"), 0, 1), Location(0, 0, float("inf")), Location(0, 0, 1, "x" * 101),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            wrong.body()
