"""Roots in the mail: after a daily seal, to the sides that something concerns, at most once a day, with nothing of the case."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.jobs import Job
from mediation.notices import send_notice
from mediation.record.seal import FILE, seal_heads
from mediation.rooms.message import post_message
from tests.conftest import House
from tests.stories import Story, opened


def mails(session: Session) -> list[tuple[str, str]]:
    """To whom a root is to be sent, and which."""
    jobs = session.scalars(select(Job).where(Job.kind == "notice").order_by(Job.run_at))
    told = [job.payload for job in jobs if job.payload.get("notice") == "seal"]
    return [(one["person"], one["params"]["root"]) for one in told]


def seal(story: Story) -> set[str]:
    """Makes the daily seal; gives who is told of it."""
    house = story.house
    before = house.ask(mails)
    house.clock.pass_by(days=1)
    seal_heads(house.store, {"daily": True})
    return {person for person, _ in house.ask(mails)[len(before) :]}


def test_both_sides_are_told_of_the_first_seal_and_the_bench_is_not(house: House) -> None:
    story = opened(house)

    assert seal(story) == {story.people[role] for role in ("claimant", "respondent", "agent")}
    assert house.ask(mails)[0][1] in (house.settings.data / FILE).read_text()


def test_who_reads_nothing_that_is_new_gets_no_mail(house: House) -> None:
    story = opened(house)
    assert story.private is not None
    seal(story)

    assert seal(story) == set()

    where = {"by": story.people["claimant"], "channel": story.private["claimant"]}
    house.do(post_message, **where, text="Between us", client_id="k")
    assert seal(story) == {story.people["claimant"]}


def test_the_mail_holds_the_root_and_nothing_of_the_case(tmp_path: Path) -> None:
    house = House(tmp_path / "data", smtp=f"file://{tmp_path}/mail")
    story = opened(house)
    seal(story)
    person, root = house.ask(mails)[0]

    params = {"root": root, "at": "2026-11-23"}
    send_notice(house.store, {"person": person, "notice": "seal", "params": params, "by": "mail"})
    house.store.close()

    (file,) = (tmp_path / "mail").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=default)
    text = mail.get_content()
    assert root in text
    assert "Chen v. Bo" not in text + mail["Subject"]
