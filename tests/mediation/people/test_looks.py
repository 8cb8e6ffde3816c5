"""A look is one line an hour for each viewer, in the channel of whoever is looked at, and never for oneself."""

from mediation.people.looks import note_looks
from mediation.people.person import acts_of
from mediation.record.entry import read_entries
from tests.conftest import House
from tests.stories import Story, registered


def test_several_looks_within_an_hour_are_one_line(house: House) -> None:
    story = registered(house)

    _look(house, story, by="mediator")
    house.clock.pass_by(minutes=59)
    _look(house, story, by="mediator")
    _look(house, story, by="clerk")
    house.clock.pass_by(minutes=1)
    _look(house, story, by="mediator")
    _look(house, story, by="claimant")

    own = house.ask(acts_of, story.people["claimant"])
    looks = [each for each in house.ask(read_entries, house.store.keys, own) if each.kind == "looked_at"]
    assert [each.actor for each in looks] == [
        story.people[role] for role in ("mediator", "clerk", "mediator")
    ]


def _look(house: House, story: Story, *, by: str) -> None:
    owners = [story.people["claimant"]]
    house.do(note_looks, by=story.people[by], kind="document", thing="file", owners=owners)
