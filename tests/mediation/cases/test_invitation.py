"""Invitations: only who leads the very case may take one back."""

import pytest

from mediation.cases.case import register_case
from mediation.cases.invitation import invitations_of, invite, revoke_invitation
from mediation.cases.party import PartyDraft
from mediation.errors import NotAllowed, NotFound
from mediation.people.permission import Actor
from tests.conftest import House
from tests.stories import Story, registered


@pytest.fixture
def story(house: House) -> Story:
    return registered(house)


def test_who_mediates_elsewhere_cannot_revoke_an_invitation_to_a_case_in_which_they_are_a_party(
    house: House, story: Story
) -> None:
    chen = story.people["claimant"]
    drafts = [
        PartyDraft(story.people["stranger"], "claimant"),
        PartyDraft(story.people["respondent"], "respondent"),
        PartyDraft(chen, "mediator"),
    ]
    clerk = Actor(story.people["clerk"], "clerk")
    elsewhere = house.do(register_case, by=clerk, title="Another", cause="", claim="", parties=drafts).id
    sent = house.do(invite, by=story.actor("mediator"), case=story.case, person=story.people["respondent"]).id
    as_mediator = Actor(chen, None, "mediator", "bench")

    with pytest.raises(NotFound):
        house.do(revoke_invitation, by=as_mediator, case=elsewhere, invitation=sent)
    with pytest.raises(NotAllowed):
        house.do(revoke_invitation, by=story.actor("claimant"), case=story.case, invitation=sent)

    assert house.ask(invitations_of, story.case)[0].revoked_at is None
    house.do(revoke_invitation, by=story.actor("mediator"), case=story.case, invitation=sent)
    assert house.ask(invitations_of, story.case)[0].revoked_at is not None
