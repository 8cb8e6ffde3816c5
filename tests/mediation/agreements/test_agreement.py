"""Versions of an agreement: who proposes, what is told to whom, and what a frozen text withstands."""

import pytest

from mediation.agreements.agreement import (
    comparison_of,
    freeze_agreement,
    last_read,
    note_reading,
    propose_terms,
    thaw_agreement,
    versions_of,
)
from mediation.agreements.looking import agreement_for, agreement_in
from mediation.agreements.signature import signers_of
from mediation.agreements.terms import Terms
from mediation.errors import NotFound, Refusal
from tests.cast import BO, CHEN, GU, LIN
from tests.conftest import House
from tests.mediation.agreements.scenes import (
    frozen,
    kinds,
    propose,
    settled,
    sign,
    terms_for,
    the_agreement,
    the_version,
)
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_the_mediator_drafts_and_a_party_proposes_a_change(story: Story) -> None:
    propose(story, total=8_000_000)
    second = propose(story, "respondent", base=1, total=8_600_000)

    assert [version.number for version in story.house.ask(versions_of, second.agreement_id)] == [2, 1]
    assert second.by_id == story.people["respondent"]
    comparison = story.house.ask(comparison_of, second.agreement_id, 1, 2)
    assert {change.field for change in comparison.changes} == {"amount"} and len(comparison.changes) == 4


def test_a_proposal_is_told_in_the_talks_and_not_in_the_record(story: Story) -> None:
    version = propose(story)

    entry = next(entry for entry in story.house.published if entry.kind == "agreement_proposed")
    assert entry.channel == story.talks
    assert entry.body and entry.body["summary"] == "CNY 86,000 · 2026-12-31 – 2027-03-31"
    assert entry.public == {"agreement": version.agreement_id, "version": 1, "digest": version.digest}
    assert "agreement_proposed" not in kinds(story)


def test_who_has_not_seen_the_latest_version_cannot_write_over_it(story: Story) -> None:
    propose(story)
    propose(story, "claimant", base=1, count=3)

    with pytest.raises(Refusal) as caught:
        propose(story, "respondent", base=1, count=2)

    assert caught.value.message == "agreements.newer_version"


def test_the_same_proposal_sent_twice_is_one_version(story: Story) -> None:
    asked = {"by": story.actor("mediator"), "case": story.case, "terms": terms_for(story), "client_id": "k1"}

    first = story.house.do(propose_terms, **asked)
    again = story.house.do(propose_terms, **asked)

    assert (first.id, kinds(story, story.talks).count("agreement_proposed")) == (again.id, 1)


def test_a_version_that_changes_nothing_is_refused(story: Story) -> None:
    propose(story)

    with pytest.raises(Refusal) as caught:
        propose(story, "claimant", base=1)

    assert caught.value.message == "agreements.nothing_changed"


@pytest.mark.parametrize("role", ["judge", "clerk", "stranger"])
def test_the_bench_and_strangers_propose_nothing(story: Story, role: str) -> None:
    with pytest.raises(Refusal):
        propose(story, role)


def test_terms_that_name_a_stranger_are_refused_before_anything_is_written(story: Story) -> None:
    story.people["claimant"] = story.people["stranger"]

    with pytest.raises(Refusal) as caught:
        propose(story)

    assert caught.value.message == "agreements.not_a_party"
    assert "agreement_proposed" not in kinds(story, story.talks)


def test_only_the_mediator_freezes_and_only_the_latest_version(story: Story) -> None:
    propose(story)
    version = propose(story, "claimant", base=1, count=2)

    for role, number in (("claimant", 2), ("mediator", 1)):
        with pytest.raises(Refusal):
            story.house.do(
                freeze_agreement, by=story.actor(role), agreement=version.agreement_id, version=number
            )

    assert the_agreement(story).state == "drafting"


def test_a_frozen_text_cannot_be_changed_until_it_is_thawed(story: Story) -> None:
    version = frozen(story)
    with pytest.raises(Refusal) as caught:
        propose(story, "claimant", base=1, count=2)

    story.house.do(thaw_agreement, by=story.actor("mediator"), agreement=version.agreement_id)
    propose(story, "claimant", base=1, count=2)

    assert caught.value.message == "agreements.frozen"
    assert kinds(story)[-2:] == ["agreement_frozen", "agreement_thawed"]


def test_freezing_twice_is_freezing_once(story: Story) -> None:
    version = frozen(story)

    story.house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1)

    assert kinds(story).count("agreement_frozen") == 1


def test_thawing_makes_the_signatures_void(story: Story) -> None:
    version = frozen(story)
    sign(story, "claimant", version)

    story.house.do(thaw_agreement, by=story.actor("mediator"), agreement=version.agreement_id)
    story.house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1)

    assert all(signer.at is None for signer in story.house.ask(signers_of, the_agreement(story)))


def test_signs_that_no_font_has_are_named_unless_the_mediator_goes_on(story: Story) -> None:
    version = propose(story)
    asked = {
        "by": story.actor("mediator"),
        "agreement": version.agreement_id,
        "version": 1,
        "missing": {"𠮷"},
    }

    with pytest.raises(Refusal) as caught:
        story.house.do(freeze_agreement, **asked)
    story.house.do(freeze_agreement, **asked, anyway=True)

    assert caught.value.params == {"characters": "𠮷"}
    assert the_agreement(story).state == "frozen"


def test_a_draft_whose_dates_have_passed_is_not_frozen(story: Story) -> None:
    version = propose(story)
    story.house.clock.pass_by(days=45)

    with pytest.raises(Refusal) as caught:
        story.house.do(
            freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1
        )

    assert caught.value.message == "agreements.due_past"


def test_the_judge_sees_no_draft_and_the_signed_text_alone(story: Story) -> None:
    propose(story)
    assert story.house.ask(agreement_in, story.people["judge"], story.case).versions == ()
    with pytest.raises(NotFound):
        story.house.ask(agreement_for, story.people["judge"], the_agreement(story).id)


def test_the_judge_sees_the_text_once_it_is_signed(story: Story) -> None:
    settled(story)

    seen = story.house.ask(agreement_in, story.people["judge"], story.case)

    assert seen.current and seen.current.number == 1


def test_a_stranger_finds_no_agreement(story: Story) -> None:
    propose(story)

    with pytest.raises(NotFound):
        story.house.ask(agreement_for, story.people["stranger"], the_agreement(story).id)


def test_what_somebody_read_last_is_remembered(story: Story) -> None:
    version = propose(story)
    reader = story.people["claimant"]
    assert story.house.ask(last_read, reader, version.agreement_id) is None

    for number in (1, 1):
        story.house.do(note_reading, person=reader, agreement=version.agreement_id, number=number)

    assert story.house.ask(last_read, reader, version.agreement_id) == 1


def test_the_text_names_the_people_of_the_case(story: Story) -> None:
    propose(story)

    text = the_version(story, 1).text("en")

    assert f"Claimant: {CHEN.name}" in text and f"Respondent: {BO.name} (represented by {GU.name})" in text
    assert f"led by {LIN.name} of" in text


def test_terms_are_needed(story: Story) -> None:
    with pytest.raises(Refusal) as caught:
        story.house.do(propose_terms, by=story.actor("mediator"), case=story.case, terms=Terms())

    assert caught.value.message == "agreements.nothing_agreed"
