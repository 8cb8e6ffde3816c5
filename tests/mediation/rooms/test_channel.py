"""The channels of a room, as their members find them."""

from mediation.rooms.channel import channels_of
from tests.conftest import House
from tests.stories import opened


def test_the_claimants_side_stands_before_the_respondents_always(house: House) -> None:
    for _ in range(4):  # ids are random; their order would be right by chance
        story = opened(house)

        seen = house.ask(channels_of, story.people["mediator"], story.room)

        sides = [channel.side for channel in seen if channel.kind == "private"]
        assert sides == ["claimant", "respondent"]
