"""Caucuses: ledgers of their own, of which nobody outside gets one byte."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.record.entry import read_entries
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.channel import channel_for
from mediation.rooms.entrance import enter_room
from mediation.rooms.guest import caucus_of, insiders
from mediation.rooms.inside import enter_caucus
from mediation.rooms.message import mark_read, post_message
from tests.conftest import House
from tests.stories import Story, opened

CANARY = "canary-7f3a-only-in-the-caucus"


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_a_caucus_is_seen_by_its_members_alone(house: House, story: Story) -> None:
    channel = _caucus(house, story)

    rooms = {role: house.ask(enter_room, story.people[role], story.room) for role in _in_the_case(story)}

    seen = {role for role, room in rooms.items() if channel in [each.id for each in room.channels]}
    assert seen == {"respondent", "agent", "mediator"}


@pytest.mark.parametrize("role", ["claimant", "judge", "clerk", "stranger"])
def test_who_is_outside_can_neither_read_nor_speak_nor_mark_nor_end_it(
    house: House, story: Story, role: str
) -> None:
    channel, outsider = _caucus(house, story), story.people[role]

    for use_case, arguments in (
        (post_message, {"text": "x", "client_id": "k"}),
        (mark_read, {"seq": 1}),
        (close_caucus, {}),
    ):
        with pytest.raises(NotFound):
            house.do(use_case, by=outsider, channel=channel, **arguments)
    with pytest.raises(NotFound):
        house.ask(channel_for, outsider, channel)


@pytest.mark.sqlite
def test_what_is_said_in_a_caucus_is_in_no_file_of_the_data_folder_in_clear(
    house: House, story: Story
) -> None:
    channel = _caucus(house, story)
    house.do(post_message, by=story.people["respondent"], channel=channel, text=CANARY, client_id="k1")
    house.do(
        post_message, by=story.people["respondent"], channel=story.talks, text="said to all", client_id="k2"
    )

    held = b"".join(file.read_bytes() for file in house.settings.data.rglob("*") if file.is_file())

    assert b"said to all" in held
    assert CANARY.encode() not in held


def test_its_members_read_what_was_said_after_it_has_ended_and_say_no_more(
    house: House, story: Story
) -> None:
    channel = _caucus(house, story)
    house.do(post_message, by=story.people["respondent"], channel=channel, text=CANARY, client_id="k1")

    house.do(close_caucus, by=story.people["mediator"], channel=channel)

    (entry,) = house.ask(read_entries, house.store.keys, channel)
    assert entry.body == {"text": CANARY}
    with pytest.raises((WrongState, NotAllowed)):
        house.do(post_message, by=story.people["respondent"], channel=channel, text="x", client_id="k2")


def test_everybody_sees_that_a_caucus_is_on_and_with_whom(house: House, story: Story) -> None:
    _caucus(house, story)

    last = house.ask(read_entries, house.store.keys, story.record)[-1]

    assert last.kind == "caucus_opened"
    assert set(last.body["people"]) == {story.people[role] for role in ("respondent", "agent", "mediator")}  # type: ignore[index]


def test_opening_it_again_with_the_same_client_id_gives_the_same_caucus(house: House, story: Story) -> None:
    assert _caucus(house, story) == _caucus(house, story)


def test_both_sides_cannot_be_in_one_caucus(house: House, story: Story) -> None:
    with pytest.raises(Invalid, match="one_side"):
        _caucus(house, story, people=("claimant", "respondent"))


def test_who_is_in_a_caucus_is_not_taken_into_another(house: House, story: Story) -> None:
    _caucus(house, story)

    with pytest.raises(Invalid, match="busy"):
        _caucus(house, story, people=("agent",), client_id="k2")


def test_the_mediator_moves_between_caucuses_and_each_goes_on_without_her(house: House, story: Story) -> None:
    lin, first = story.people["mediator"], _caucus(house, story)
    second = _caucus(house, story, people=("claimant",), client_id="k2")

    inside = [house.ask(insiders, channel) for channel in (first, second)]
    house.do(enter_caucus, by=lin, channel=first)

    assert [lin in people for people in inside] == [False, True]
    assert house.ask(caucus_of, story.room, lin) == first
    assert house.ask(caucus_of, story.room, story.people["claimant"]) == second


@pytest.mark.parametrize("role", ["claimant", "respondent", "agent", "judge", "clerk"])
def test_only_who_leads_opens_a_caucus(house: House, story: Story, role: str) -> None:
    with pytest.raises(NotAllowed):
        house.do(
            open_caucus,
            by=story.people[role],
            room=story.room,
            people=[story.people["respondent"]],
            client_id="k",
        )


def _caucus(
    house: House,
    story: Story,
    *,
    people: tuple[str, ...] = ("respondent", "agent"),
    client_id: str = "caucus",
) -> str:
    chosen = [story.people[role] for role in people]
    return house.do(
        open_caucus, by=story.people["mediator"], room=story.room, people=chosen, client_id=client_id
    )


def _in_the_case(story: Story) -> list[str]:
    return [role for role in story.people if role != "stranger"]
