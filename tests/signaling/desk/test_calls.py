"""Calls at the desk: it rings at one person's devices, and whoever accepts is moved before the answer."""

import pytest

from tests.signaling.desk.asking import Program, enter
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


async def test_a_call_rings_moves_whoever_accepts_and_the_others_hear_nothing_inside(
    site: Site, story: Story
) -> None:
    lin, bo, gu, chen = await _meeting(site, story)
    people = [story.people[role] for role in ("respondent", "agent")]

    channel = (await lin.ask("call_caucus", room=story.room, people=people, client_id="c"))["channel"]
    rung = await bo.hears("caucus_called")
    await gu.ask("decline_call", channel=channel)
    before = len(chen.heard)
    await bo.ask("accept_call", channel=channel)

    assert rung["call"]["channel"] == channel
    assert _places(site, story) == {
        "mediator": channel,
        "respondent": channel,
        "agent": "main",
        "claimant": "main",
    }
    await bo.hears("call_ended", channel=channel)
    await lin.hears("entry", kind="call_declined")
    await chen.hears("entry", kind="caucus_opened")
    assert {name for name, _ in chen.heard[before:]} <= {"entry", "stage_changed", "producer_closed"}
    assert chen.said_of("call_declined", "caucus_called", "caucus_changed") == []


async def test_people_come_and_go_without_the_mediator_and_are_shown_who_is_inside(
    site: Site, story: Story
) -> None:
    lin, bo, gu, chen = await _meeting(site, story)
    people = [story.people[role] for role in ("respondent", "agent")]
    first = (await lin.ask("open_caucus", room=story.room, people=people, client_id="1"))["channel"]
    other = (await lin.ask("open_caucus", room=story.room, people=[story.people["claimant"]], client_id="2"))[
        "channel"
    ]

    there = {"mediator": other, "claimant": other, "respondent": first, "agent": first}
    assert _places(site, story) == there
    await gu.ask("call_mediator", room=story.room, client_id="k")
    await lin.hears("entry", kind="mediator_called", channel=first)
    await lin.ask("enter_caucus", channel=first)
    inside = (await bo.hears("caucus_changed", channel=first))["caucus"]["inside"]
    await gu.ask("leave_caucus", channel=first)

    assert set(inside) >= set(people)
    assert _places(site, story) == there | {"mediator": first, "agent": "main"}
    assert [push[1]["kind"] for push in chen.said_of(first, "mediator_called")] == ["caucus_opened"]


async def test_alone_people_talk_before_a_meeting_and_a_restart_of_the_page_brings_them_back(
    site: Site, story: Story
) -> None:
    gu, bo = await enter(site, story, "agent"), await enter(site, story, "respondent")
    for each in (gu, bo):
        await each.ask("join_stage", room=story.room)
    how = {"people": [story.people["respondent"]], "form": "alone", "accepts_terms": True}

    channel = (await gu.ask("call_caucus", room=story.room, **how, client_id="c"))["channel"]
    await bo.ask("accept_call", channel=channel)
    again = await enter(site, story, "respondent")
    back = await again.ask("join_stage", room=story.room, take_over=True)
    room = await again.ask("enter_room", room=story.room)
    await gu.ask("close_caucus", channel=channel, client_id="d")

    assert (back["state"], back["place"]) == ("on", channel)
    (shown,) = [one["caucus"] for one in room["channels"] if one["id"] == channel]
    assert (shown["form"], set(shown["inside"])) == (
        "alone",
        {story.people["agent"], story.people["respondent"]},
    )
    assert _places(site, story) == {"agent": None, "respondent": None}


async def _meeting(site: Site, story: Story) -> tuple[Program, Program, Program, Program]:
    """Everybody of both sides and the mediator, on the main stage."""
    lin = await enter(site, story, "mediator")
    await lin.ask("start_hearing", room=story.room, client_id="start")
    await lin.ask("join_stage", room=story.room)
    others = []
    for role in ("respondent", "agent", "claimant"):
        others.append(await enter(site, story, role))
        await others[-1].ask("join_stage", room=story.room)
        await lin.ask("admit_person", room=story.room, person=story.people[role], client_id=f"admit:{role}")
    bo, gu, chen = others
    return lin, bo, gu, chen


def _places(site: Site, story: Story) -> dict[str, str | None]:
    """Where everybody on this stage is."""
    roles = {person: role for role, person in story.people.items()}
    return {roles[seat.person]: seat.place for seat in site.signaling.desk.seats.of_room(story.room)}
