"""Shuttle mode at the desk: the sides never meet, and each is in its private talk all the same."""

from tests.signaling.desk.asking import enter
from tests.site import Site
from tests.stories import opened


async def test_the_sides_wait_apart_and_meet_again_where_they_were(site: Site) -> None:
    story = opened(site.house)
    lin = await enter(site, story, "mediator")
    await lin.ask("start_hearing", room=story.room, client_id="start")
    await lin.ask("join_stage", room=story.room)
    bo, chen = await enter(site, story, "respondent"), await enter(site, story, "claimant")
    for program, role in ((bo, "respondent"), (chen, "claimant")):
        await program.ask("join_stage", room=story.room)
        await lin.ask("admit_person", room=story.room, person=story.people[role], client_id=f"admit:{role}")

    def places() -> dict[str, str | None]:
        seats = site.signaling.desk.seats.of_room(story.room)
        return {role: seat.place for seat in seats for role, id in story.people.items() if id == seat.person}

    await lin.ask("part_sides", room=story.room, client_id="apart")
    assert places() == {"mediator": "main", "respondent": None, "claimant": None}
    assert (await bo.hears("stage_changed", state="waiting"))["why"] == "apart"
    said = {"channel": story.talks, "text": "Hello.", "client_id": "k"}
    assert await chen.refused("post_message", **said) == "wrong_state"
    caucus = (
        await lin.ask("open_caucus", room=story.room, people=[story.people["respondent"]], client_id="c")
    )["channel"]
    reloaded = await bo.ask("join_stage", room=story.room)
    assert (reloaded["place"], places()["claimant"]) == (caucus, None)

    await lin.ask("close_caucus", channel=caucus, client_id="d")
    assert places() == {"mediator": "main", "respondent": None, "claimant": None}
    await lin.ask("join_sides", room=story.room, client_id="again")

    assert set(places().values()) == {"main"}
    await chen.ask("post_message", **said)
