"""Concerns: what is said quietly reaches the mediator and the clerk, and nobody else learns even that something was said."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.jobs import Job
from mediation.people.person import acts_of
from mediation.record.entry import read_entries
from mediation.rooms.concern import concerns_for, handle_concern, report_concern, say_unsafe
from mediation.rooms.message import post_message
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_i_am_not_safe_reaches_mediator_clerk_and_the_officer_on_duty_and_leaves_no_other_trace(
    house: House, story: Story
) -> None:
    chen = story.people["claimant"]
    before = len(house.published)

    said = house.do(say_unsafe, by=chen, room=story.room, client_id="1")
    again = house.do(say_unsafe, by=chen, room=story.room, client_id="2")

    own = house.ask(acts_of, chen)
    assert {(entry.channel, entry.kind) for entry in house.published[before:]} == {(own, "unsafe_said")}
    assert again.id == said.id
    assert {role for role in story.people if role != "stranger" and _sees(house, story, role)} == {
        "claimant", "mediator", "clerk",
    }  # fmt: skip
    jobs = house.ask(_jobs)
    assert [job["person"] for kind, job in jobs if kind == "notice" and job["notice"] == "unsafe"] == [
        story.people["mediator"], story.people["clerk"],
    ]  # fmt: skip
    assert [kind for kind, _ in jobs].count("duty") == 1


def test_only_parties_and_lawyers_say_so_and_a_stranger_finds_no_room(house: House, story: Story) -> None:
    for role in ("mediator", "judge", "clerk"):
        with pytest.raises(NotAllowed):
            house.do(say_unsafe, by=story.people[role], room=story.room, client_id="1")
    with pytest.raises(NotFound):
        house.do(say_unsafe, by=story.people["stranger"], room=story.room, client_id="1")
    with pytest.raises(NotFound):
        house.ask(concerns_for, story.people["stranger"], story.room)


def test_a_report_is_handled_with_a_result_that_its_writer_reads(house: House, story: Story) -> None:
    chen, bo = story.people["claimant"], story.people["respondent"]
    entry = house.do(post_message, by=bo, channel=story.talks, text="Just you wait", client_id="m")
    asked = {"by": chen, "room": story.room, "channel": story.talks, "seq": entry.seq, "reason": "a threat"}

    made = house.do(report_concern, **asked, client_id="1")
    same = house.do(report_concern, **asked, client_id="1")
    clerk = {"by": story.people["clerk"], "concern": made.id}
    house.do(handle_concern, **clerk, state="taken", client_id="2")
    house.do(handle_concern, **clerk, state="closed", result="He was warned", client_id="3")

    assert same.id == made.id
    [mine] = house.ask(concerns_for, chen, story.room)
    assert (mine.about_id, mine.state, mine.result) == (bo, "closed", "He was warned")
    assert not house.ask(concerns_for, bo, story.room)
    kinds = [one.kind for one in house.ask(read_entries, house.store.keys, house.ask(acts_of, chen))]
    assert kinds[-3:] == ["concern_reported", "concern_handled", "concern_handled"]
    with pytest.raises(WrongState):
        house.do(handle_concern, **clerk, state="taken", client_id="4")


def test_whom_a_report_is_about_neither_sees_nor_handles_it(house: House, story: Story) -> None:
    lin = story.people["mediator"]
    made = house.do(
        report_concern, by=story.people["agent"], room=story.room, person=lin, reason="takes sides", client_id="1"
    )  # fmt: skip

    assert not house.ask(concerns_for, lin, story.room)
    assert len(house.ask(concerns_for, story.people["clerk"], story.room)) == 1
    for role in ("mediator", "judge", "claimant", "agent", "stranger"):
        with pytest.raises(NotFound):
            house.do(
                handle_concern, by=story.people[role], concern=made.id, state="taken", client_id=f"h{role}"
            )


def test_what_is_said_behind_a_wall_is_not_carried_out_by_a_report(house: House, story: Story) -> None:
    assert story.private is not None
    walled = story.private["respondent"]
    inside = house.do(post_message, by=story.people["agent"], channel=walled, text="…", client_id="m")
    for by in ("respondent", "claimant"):
        with pytest.raises(NotFound):
            house.do(
                report_concern, by=story.people[by], room=story.room, channel=walled, seq=inside.seq,
                reason="r", client_id="1",
            )  # fmt: skip


def test_a_report_needs_a_reason_and_something_or_somebody_else_to_be_about(
    house: House, story: Story
) -> None:
    asked = {"by": story.people["claimant"], "room": story.room, "client_id": "1"}
    for wrong in ({"reason": " ", "person": story.people["respondent"]}, {"reason": "r"}):
        with pytest.raises(Invalid):
            house.do(report_concern, **asked, **wrong)
    with pytest.raises(Invalid):
        house.do(report_concern, **asked, person=story.people["claimant"], reason="r")
    for foreign in ({"person": story.people["stranger"]}, {"channel": story.talks, "seq": 99}):
        with pytest.raises(NotFound):
            house.do(report_concern, **asked, **foreign, reason="r")


def _sees(house: House, story: Story, role: str) -> bool:
    return bool(house.ask(concerns_for, story.people[role], story.room))


def _jobs(session: Session) -> list[tuple[str, dict[str, str]]]:
    return [(job.kind, job.payload) for job in session.scalars(select(Job).order_by(Job.run_at))]
