"""An erasure behind a wall tells nobody outside that anything was said there."""

from mediation.cases.case import end_case
from mediation.record.bundle import make_export
from mediation.record.export import Export, Wish, ask_for_export
from mediation.record.keeping import keeping_of
from mediation.rooms.message import post_message
from tests.conftest import House
from tests.mediation.record.erasing import erase_what_is_over
from tests.stories import Story, opened


def test_an_erasure_behind_a_wall_tells_nobody_outside(house: House) -> None:
    """The other side finds nothing new in its channels, its files that were taken out, and what it reads of what is kept."""
    story = opened(house)
    assert story.private is not None
    mine = {"by": story.people["claimant"], "channel": story.private["claimant"]}
    house.do(post_message, **mine, text="My floor", client_id="k")
    house.do(end_case, by=story.actor("mediator"), case=story.case, reason="too_far_apart")
    house.clock.pass_by(days=88)
    taken = {role: take_out(story, role) for role in ("claimant", "respondent")}
    house.clock.pass_by(days=3)
    before = len(house.published)

    assert erase_what_is_over(house) == ["caucus"]

    assert {one.channel for one in house.published[before:]} == {story.private["claimant"]}
    assert {role: state_of(house, export) for role, export in taken.items()} == {
        "claimant": "gone",
        "respondent": "ready",
    }
    classes = house.ask(keeping_of, story.people["respondent"], story.case).classes
    assert [one.erased_at for one in classes if one.erased_at] == []


def take_out(story: Story, role: str) -> str:
    own = {"by": story.people[role], "case": story.case, "wish": Wish("own"), "client_id": role}
    asked = story.house.do(ask_for_export, **own)
    make_export(story.house.store, {"export": asked.id})
    return asked.id


def state_of(house: House, export: str) -> str:
    return str(house.ask(lambda session: session.get_one(Export, export).state))
