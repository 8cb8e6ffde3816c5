"""The writer: batches, failures inside them, and what is on disk when somebody is answered."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from mediation.errors import Invalid
from mediation.people.person import Person, add_person
from mediation.record.entry import read_entries
from mediation.rooms.message import post_message
from mediation.work import Work
from tests.conftest import House
from tests.stories import opened

pytestmark = pytest.mark.both_databases


def test_units_that_wait_together_are_committed_together_and_answered_each(house: House) -> None:
    story = opened(house)

    said = _together(house, [_saying(story.talks, story.people["claimant"], f"k{n}") for n in range(30)])

    assert sorted(future.result(30).seq for future in said) == list(range(1, 31))


def test_a_unit_that_fails_after_writing_leaves_nothing_and_harms_no_other(house: House) -> None:
    story = opened(house)
    good = _saying(story.talks, story.people["claimant"], "k1")
    after = _saying(story.talks, story.people["claimant"], "k2")

    first, failed, last = _together(house, [good, (_writes_then_fails, {}), after])

    with pytest.raises(ZeroDivisionError):
        failed.result(30)
    assert (first.result(30).seq, last.result(5).seq) == (1, 2)
    assert house.ask(lambda session: session.get(Person, "half")) is None


def test_a_unit_that_breaks_a_constraint_of_the_database_harms_no_other(house: House) -> None:
    story = opened(house)
    good = _saying(story.talks, story.people["claimant"], "k1")

    first, failed = _together(house, [good, (_takes_an_address, {"email": "chen.jing@example.org"})])

    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        failed.result(30)
    assert first.result(30).seq == 1
    assert [entry.seq for entry in house.ask(read_entries, house.store.keys, story.talks)] == [1]


def test_a_refusal_that_keeps_what_was_written_is_raised_and_kept(house: House) -> None:
    with pytest.raises(Invalid):
        house.do(_keeps_and_refuses)

    assert house.ask(lambda session: session.get(Person, "kept")) is not None


def test_a_second_writer_on_the_same_folder_makes_the_first_read_its_heads_anew(house: House) -> None:
    story = opened(house)
    house.do(post_message, by=story.people["claimant"], channel=story.talks, text="one", client_id="k1")

    other = House(house.settings.data, database=house.settings.database)
    other.do(post_message, by=story.people["respondent"], channel=story.talks, text="two", client_id="k1")
    other.store.close()
    third = house.do(
        post_message, by=story.people["claimant"], channel=story.talks, text="three", client_id="k2"
    )

    assert third.seq == 3


def test_what_is_published_was_committed_and_nobody_was_answered_before(house: House) -> None:
    story = opened(house)
    seen: list[tuple[int, bool]] = []
    said: list[Future[Any]] = []
    house.store.writer.publish = lambda entries, _: seen.append(
        (len(house.ask(read_entries, house.store.keys, story.talks)), said[0].done())
    )
    gate = threading.Event()
    held = house.store.write(lambda work: gate.wait(30))

    said.append(
        house.store.write(
            post_message, by=story.people["claimant"], channel=story.talks, text="x", client_id="k"
        )
    )
    gate.set()
    held.result(30)
    said[0].result(30)

    assert seen == [(1, False)]


def _saying(channel: str, person: str, client_id: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    return post_message, {"by": person, "channel": channel, "text": client_id, "client_id": client_id}


def _together(house: House, units: list[tuple[Callable[..., Any], dict[str, Any]]]) -> list["Future[Any]"]:
    """Hands all units over while the writer is busy, so that they share one batch."""
    gate = threading.Event()
    house.store.write(lambda work: gate.wait(30))
    futures = [house.store.write(use_case, **arguments) for use_case, arguments in units]
    gate.set()
    return futures


def _somebody(work: Work, id: str, email: str) -> Person:
    return Person(
        id=id, name=id, email=email, phone=None, locale="en", zone="UTC", office=None, created_at=work.now
    )


def _writes_then_fails(work: Work) -> None:
    work.add(_somebody(work, "half", "half@example.org"))
    work.session.flush()
    raise ZeroDivisionError


def _takes_an_address(work: Work, *, email: str) -> None:
    work.add(_somebody(work, "other", email))


def _keeps_and_refuses(work: Work) -> None:
    work.add(_somebody(work, "kept", "kept@example.org"))
    raise Invalid("invalid", keeps=True)


def test_adding_a_person_twice_gives_the_same_person(house: House) -> None:
    first = house.do(add_person, by=None, name="Ada", email="ada@example.org")

    again = house.do(add_person, by=None, name="Ada", email=" ADA@example.org ")

    assert first.id == again.id
