"""Consent: nobody mediates before both have consented, and one refusal ends it."""

import pytest

from mediation.cases.case import Case, case_for
from mediation.cases.consent import give_consent, ledger, refuse_consent, withdraw_consent
from mediation.errors import Invalid, NotAllowed, WrongState
from mediation.rooms.entrance import open_room
from mediation.rooms.message import post_message
from mediation.rooms.room import room_of
from tests.conftest import House
from tests.stories import Story, how, opened, registered


def test_the_mediation_begins_with_the_last_partys_consent(house: House) -> None:
    story = registered(house)

    first = house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how()).state
    second = house.do(give_consent, by=story.actor("respondent"), case=story.case, how=how()).state

    assert (first, second) == ("consent_pending", "mediating")


def test_the_room_stays_closed_until_both_have_consented(house: House) -> None:
    story = registered(house)
    house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how())

    with pytest.raises(WrongState):
        house.do(open_room, by=story.actor("mediator"), case=story.case)


def test_one_clear_refusal_ends_the_mediation_with_that_reason(house: House) -> None:
    story = registered(house)

    house.do(refuse_consent, by=story.actor("respondent"), case=story.case, how=how())

    case = _case(house, story)
    assert (case.state, case.end_reason) == ("ended", "unwilling")
    with pytest.raises(WrongState):
        house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how())


def test_a_lawyer_with_special_authority_consents_for_the_client(house: House) -> None:
    story = registered(house)

    house.do(give_consent, by=story.actor("agent"), case=story.case, how=how())

    (given,) = house.ask(ledger, story.case)
    assert (given.person_id, given.by_id) == (story.people["respondent"], story.people["agent"])


def test_a_withdrawal_is_an_entry_and_makes_the_room_read_only_until_consent_is_given_again(
    house: House,
) -> None:
    story = opened(house)

    house.do(withdraw_consent, by=story.actor("claimant"), case=story.case, how=how())

    assert house.published[-2].kind == "consent_withdrawn"
    with pytest.raises(WrongState):
        house.do(post_message, by=story.people["respondent"], channel=story.talks, text="x", client_id="k")
    house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how())
    house.do(post_message, by=story.people["respondent"], channel=story.talks, text="x", client_id="k")


def test_consent_to_an_older_text_is_refused(house: House) -> None:
    story = registered(house)

    with pytest.raises(Invalid, match="text_changed"):
        house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how("cn-2001.01"))


def test_consenting_twice_is_one_entry_in_the_ledger(house: House) -> None:
    story = registered(house)

    for _ in range(2):
        house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how())

    assert len(house.ask(ledger, story.case)) == 1


@pytest.mark.parametrize("role", ["mediator", "judge", "clerk"])
def test_the_bench_cannot_consent_for_anybody(house: House, role: str) -> None:
    story = registered(house)

    with pytest.raises(NotAllowed):
        house.do(give_consent, by=story.actor(role), case=story.case, how=how())


def test_a_consent_says_which_text_in_which_language_how_identified_and_on_which_device(house: House) -> None:
    story = registered(house)

    house.do(give_consent, by=story.actor("claimant"), case=story.case, how=how())

    body = house.published[-1].body or {}
    assert {"version", "language", "identity_level", "device", "person", "stage"} == set(body)


def _case(house: House, story: Story) -> Case:
    return house.ask(case_for, story.people["claimant"], story.case)[0]


def test_a_new_room_is_being_prepared(house: House) -> None:
    story = registered(house)

    assert house.ask(room_of, story.case).state == "preparing"
