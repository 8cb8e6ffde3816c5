"""Withdrawals: by who gave a document out, or the clerk; once, with a reason; and the page that checks documents says so."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from mediation.documents.file import StoredFile
from mediation.documents.withdrawal import withdraw_document
from mediation.errors import Invalid, NotAllowed, NotFound
from mediation.people.person import add_person
from mediation.ports.blobs import Blobs
from mediation.registry.genuine import genuine_by_file, genuine_by_number
from tests.conftest import House
from tests.mediation.record.bundles import submit
from tests.stories import Story, opened


@dataclass(slots=True)
class Papers:
    """A case with two documents of the mediator's and one of the claimant's."""

    story: Story
    order: str
    better: str
    contract: str

    def withdraw(self, role: str, file: str, *, reason: str = "The date was wrong", instead: str = "") -> str:
        by = self.story.people[role]
        return self.story.house.do(withdraw_document, by=by, file=file, reason=reason, instead=instead)


@pytest.fixture
def papers(house: House) -> Papers:
    story, blobs = opened(house), Blobs(house.settings.data / "blobs")
    for role, data in (("mediator", b"order"), ("mediator", b"better"), ("claimant", b"contract")):
        house.do(submit, by=story.people[role], channel=story.record, stored=blobs.put([data]))
        house.clock.pass_by(seconds=1)
    order, better, contract = house.ask(
        lambda session: list(session.scalars(select(StoredFile.id).order_by(StoredFile.created_at)))
    )
    return Papers(story, order, better, contract)


def test_who_gave_it_out_withdraws_it_and_the_page_says_what_stands_in_its_place(papers: Papers) -> None:
    house = papers.story.house
    before = house.ask(genuine_by_number, papers.order)

    papers.withdraw("mediator", papers.order, instead=papers.better)

    after = house.ask(genuine_by_number, papers.order)
    assert before is not None and before.withdrawn is None
    assert after is not None and after.withdrawn is not None
    assert after.withdrawn.instead == papers.better
    assert house.ask(genuine_by_file, [after.sha256]) == after
    better = house.ask(genuine_by_number, papers.better)
    assert better is not None and better.withdrawn is None


def test_twice_is_once_whoever_says_it(papers: Papers) -> None:
    house = papers.story.house
    papers.withdraw("mediator", papers.order)
    first = house.ask(genuine_by_number, papers.order)
    house.clock.pass_by(hours=1)

    papers.withdraw("mediator", papers.order, instead=papers.better)
    papers.withdraw("clerk", papers.order, reason="Once more")

    assert house.ask(genuine_by_number, papers.order) == first
    assert [entry.kind for entry in house.published].count("document_withdrawn") == 1


@pytest.mark.parametrize("role", ["claimant", "respondent", "agent", "judge"])
def test_nobody_else_withdraws_it(papers: Papers, role: str) -> None:
    with pytest.raises(NotAllowed):
        papers.withdraw(role, papers.order)


def test_what_a_side_has_handed_in_stays(papers: Papers) -> None:
    for role in ("claimant", "clerk", "mediator"):
        with pytest.raises(NotAllowed):
            papers.withdraw(role, papers.contract)


def test_for_a_stranger_there_is_no_such_document(papers: Papers) -> None:
    house = papers.story.house
    stranger = house.do(add_person, by=None, name="Han", email="han@example.org").id

    for file in (papers.order, "n0body"):
        with pytest.raises(NotFound):
            house.do(withdraw_document, by=stranger, file=file, reason="x")


def test_it_needs_a_reason_and_only_another_document_of_the_bench_that_counts_replaces_it(
    papers: Papers,
) -> None:
    for wrong in ({"reason": " "}, {"instead": papers.contract}, {"instead": papers.order}, {"instead": "x"}):
        with pytest.raises(Invalid):
            papers.withdraw("mediator", papers.order, **wrong)

    papers.withdraw("mediator", papers.better)
    with pytest.raises(Invalid):
        papers.withdraw("mediator", papers.order, instead=papers.better)
