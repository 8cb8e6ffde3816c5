"""Signing: this person, this text, once; and the last signature settles the case."""

from concurrent.futures import wait

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.agreements.agreement import freeze_agreement, propose_terms, thaw_agreement
from mediation.agreements.outcome import Instalment, Outcome, outcome_of, plan_of
from mediation.agreements.signature import Signature, refuse_to_sign, sign_agreement, signers_of
from mediation.cases.case import Case, end_case
from mediation.cases.consent import withdraw_consent
from mediation.cases.party import Party
from mediation.errors import NotAllowed, Refusal
from mediation.jobs import Job
from mediation.work import Work
from tests.cast import GU
from tests.conftest import House
from tests.mediation.agreements.scenes import (
    code_for,
    frozen,
    kinds,
    settled,
    sign,
    terms_for,
    the_agreement,
)
from tests.stories import Story, how, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def count(session: Session, table: type[Signature] | type[Outcome] | type[Instalment] | type[Job]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def certificate_jobs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.kind == "certificate")) or 0


def the_case(session: Session, case: str) -> Case:
    return session.get_one(Case, case)


def test_the_last_signature_settles_the_case_in_the_same_transaction(story: Story) -> None:
    version = frozen(story)
    first = sign(story, "claimant", version)
    last = sign(story, "respondent", version)

    case = story.house.ask(the_case, story.case)
    outcome = story.house.ask(outcome_of, story.case)
    assert (first.effective, last.effective) == (False, True)
    assert (case.state, case.end_reason, case.ended_at) == ("agreed", "agreed", story.house.clock.now)
    assert outcome and outcome.amounts == {"CNY": 8_600_000} and outcome.digest == version.digest
    assert kinds(story)[-3:] == ["agreement_signed", "agreement_effective", "case_settled"]
    assert story.house.ask(certificate_jobs) == 1


def test_the_plan_holds_every_payment_with_its_date(story: Story) -> None:
    settled(story)

    outcome = story.house.ask(outcome_of, story.case)
    assert outcome
    plan = story.house.ask(plan_of, outcome.id)

    assert [(one.number, one.amount, one.due, one.state) for one in plan] == [
        (1, 2_150_000, "2026-12-31", "pending"),
        (2, 2_150_000, "2027-01-31", "pending"),
        (3, 2_150_000, "2027-02-28", "pending"),
        (4, 2_150_000, "2027-03-31", "pending"),
    ]


def test_the_settled_entry_names_amounts_and_dates_and_nobody(story: Story) -> None:
    settled(story)

    entry = story.house.published[-1]

    assert entry.kind == "case_settled" and entry.body
    assert entry.body["amounts"] == {"CNY": 8_600_000} and len(entry.body["due_dates"]) == 4
    assert set(entry.public) == {"outcome", "case", "agreement", "digest"}


def test_twenty_signatures_at_once_are_one_row_one_entry_and_one_answer(story: Story) -> None:
    version = frozen(story)
    code = code_for(story, "claimant", version)
    asked = {
        "by": story.actor("claimant"),
        "agreement": version.agreement_id,
        "version": 1,
        "digest": version.digest,
        "code": code,
    }

    futures = [story.house.store.write(sign_agreement, **asked, client_id=f"k{n % 5}") for n in range(20)]
    wait(futures, timeout=10)

    assert len({future.result() for future in futures}) == 1
    assert story.house.ask(count, Signature) == 1
    assert kinds(story).count("agreement_signed") == 1


def test_twenty_last_signatures_at_once_settle_once(story: Story) -> None:
    version = frozen(story)
    sign(story, "claimant", version)
    code = code_for(story, "respondent", version)

    futures = [
        story.house.store.write(
            sign_agreement,
            by=story.actor("respondent"),
            agreement=version.agreement_id,
            version=1,
            digest=version.digest,
            code=code,
        )
        for _ in range(20)
    ]
    answers = {future.result(10) for future in futures}

    assert len(answers) == 1 and answers.pop().effective
    assert (story.house.ask(count, Outcome), story.house.ask(certificate_jobs)) == (1, 1)
    assert kinds(story).count("case_settled") == 1


def test_a_text_that_changed_since_it_was_seen_cannot_be_signed(story: Story) -> None:
    version = frozen(story)
    code = code_for(story, "claimant", version)
    story.house.do(thaw_agreement, by=story.actor("mediator"), agreement=version.agreement_id)
    story.house.do(
        propose_terms,
        by=story.actor("respondent"),
        case=story.case,
        terms=terms_for(story, count=2),
        base=1,
    )
    story.house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=2)

    with pytest.raises(Refusal) as caught:
        sign(story, "claimant", version, code)

    assert (caught.value.message, caught.value.params) == ("agreements.text_changed", {"version": 2})
    assert story.house.ask(count, Signature) == 0


def test_another_digest_than_the_frozen_one_cannot_be_signed(story: Story) -> None:
    version = frozen(story)
    code = code_for(story, "claimant", version)

    with pytest.raises(Refusal) as caught:
        sign(story, "claimant", version, code, digest="0" * 64)

    assert caught.value.message == "agreements.text_changed"


def test_a_code_is_good_for_its_person_and_its_round_only(story: Story) -> None:
    version = frozen(story)
    old = code_for(story, "claimant", version)
    story.house.do(thaw_agreement, by=story.actor("mediator"), agreement=version.agreement_id)
    story.house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1)

    with pytest.raises(Refusal) as stale:
        sign(story, "claimant", version, old)
    with pytest.raises(Refusal):
        sign(story, "respondent", version, old)

    assert stale.value.message == "code.wrong"
    assert story.house.ask(count, Signature) == 0


def test_the_fifth_wrong_code_spends_it(story: Story) -> None:
    version = frozen(story)
    right = code_for(story, "claimant", version)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    messages = []

    for _ in range(6):
        with pytest.raises(Refusal) as caught:
            sign(story, "claimant", version, wrong)
        messages.append(caught.value.message)
    with pytest.raises(Refusal):
        sign(story, "claimant", version, right)

    assert messages[:4] == ["code.wrong"] * 4 and messages[4] == "code.spent"


def test_a_lawyer_with_special_authority_signs_for_the_client(story: Story) -> None:
    version = frozen(story)
    sign(story, "claimant", version)

    answer = sign(story, "agent", version)

    signer = next(
        one for one in story.house.ask(signers_of, the_agreement(story)) if one.standing == "respondent"
    )
    assert answer.effective
    assert (signer.through, signer.at) == (GU.name, story.house.clock.now)


def with_general_authority(work: Work, *, person: str) -> None:
    party = work.session.scalars(select(Party).where(Party.person_id == person)).one()
    party.authority = "general"


def test_a_lawyer_with_general_authority_cannot_sign(story: Story) -> None:
    version = frozen(story)
    story.house.do(with_general_authority, person=story.people["agent"])

    with pytest.raises(NotAllowed) as caught:
        sign(story, "agent", version, "000000")

    assert caught.value.message == "agreements.needs_special_authority"


@pytest.mark.parametrize("role", ["mediator", "judge", "clerk", "stranger"])
def test_nobody_else_signs(story: Story, role: str) -> None:
    version = frozen(story)

    with pytest.raises(Refusal):
        sign(story, role, version, "000000")


def test_what_is_not_frozen_is_not_signed(story: Story) -> None:
    version = frozen(story)
    story.house.do(thaw_agreement, by=story.actor("mediator"), agreement=version.agreement_id)

    with pytest.raises(Refusal) as caught:
        sign(story, "claimant", version, "000000")

    assert caught.value.message == "agreements.not_frozen"


def test_the_time_for_signing_ends(story: Story) -> None:
    version = frozen(story)
    story.house.clock.pass_by(hours=73)

    with pytest.raises(Refusal) as caught:
        code_for(story, "claimant", version)

    assert caught.value.message == "agreements.signing_over"


def test_who_withdrew_consent_cannot_be_held_to_a_signature(story: Story) -> None:
    version = frozen(story)
    story.house.do(withdraw_consent, by=story.actor("respondent"), case=story.case, how=how())

    with pytest.raises(Refusal):
        sign(story, "claimant", version, "000000")


def test_signing_again_after_the_settlement_gets_the_answer_again(story: Story) -> None:
    version = settled(story)

    again = sign(story, "claimant", version, "any code")

    assert again.effective
    assert kinds(story).count("agreement_signed") == 2


def test_refusing_to_sign_opens_the_text_and_lets_the_mediator_end_it(story: Story) -> None:
    version = frozen(story)
    sign(story, "claimant", version)

    for _ in range(2):
        story.house.do(
            refuse_to_sign,
            by=story.actor("respondent"),
            agreement=version.agreement_id,
            version=1,
            client_id="k9",
        )
    assert the_agreement(story).state == "declined"
    assert kinds(story).count("signing_refused") == 1

    story.house.do(end_case, by=story.actor("mediator"), case=story.case, reason="refuses_to_sign")
    assert story.house.ask(the_case, story.case).end_reason == "refuses_to_sign"


def test_who_has_signed_cannot_refuse_any_more(story: Story) -> None:
    version = frozen(story)
    sign(story, "claimant", version)

    with pytest.raises(Refusal) as caught:
        story.house.do(refuse_to_sign, by=story.actor("claimant"), agreement=version.agreement_id, version=1)

    assert caught.value.message == "agreements.signed_already"


def by_neutral_rules(work: Work, *, case: str) -> None:
    work.get(Case, case).pack = "neutral"


def test_under_neutral_rules_the_mediator_signs_too_and_only_then_it_takes_effect(story: Story) -> None:
    story.house.do(by_neutral_rules, case=story.case)
    version = frozen(story)

    answers = [sign(story, role, version).effective for role in ("claimant", "respondent", "mediator")]

    assert answers == [False, False, True]
    assert version.binding == "en"


@pytest.mark.parametrize("reason", ["settled_withdrawn", "unreachable", "too_far_apart", "period_over"])
def test_a_mediation_ends_in_the_other_ways_too(story: Story, reason: str) -> None:
    story.house.do(end_case, by=story.actor("mediator"), case=story.case, reason=reason)

    case = story.house.ask(the_case, story.case)

    assert (case.state, case.end_reason) == ("ended", reason)
    assert story.house.ask(outcome_of, story.case) is None
