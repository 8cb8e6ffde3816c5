"""Permission: who may do what, written down by hand from mission section 4, against the rules."""

from dataclasses import dataclass

import pytest

from mediation.errors import NotAllowed, WrongState
from mediation.people.permission import RULES, Actor, may, require

PEOPLE = {
    "claimant": Actor("p", None, "claimant", "claimant"),
    "agent": Actor("p", None, "agent", "respondent", "special"),
    "general agent": Actor("p", None, "agent", "respondent", "general"),
    "mediator": Actor("p", "mediator", "mediator", "bench"),
    "judge": Actor("p", "judge", "judge", "bench"),
    "clerk": Actor("p", "clerk", "clerk", "bench"),
    "clerk elsewhere": Actor("p", "clerk"),
    "stranger": Actor("p"),
}

SIDES = {"claimant", "agent", "general agent"}
BENCH = {"mediator", "judge", "clerk"}
EXPECTED = {
    "add_person": {"clerk", "clerk elsewhere"},
    "list_people": {"clerk", "clerk elsewhere"},
    "register_case": {"clerk", "clerk elsewhere"},
    "see_case": SIDES | BENCH,
    "invite": {"mediator", "clerk"},
    "revoke_invitation": {"mediator", "clerk"},
    "consent": {"claimant", "agent"},
    "end_case": {"mediator"},
    "export_record": SIDES | BENCH,
    "export_own": SIDES,
    "open_room": {"mediator"},
    "book_hearing": BENCH,
    "cancel_hearing": BENCH,
    "speak": SIDES | {"mediator"},
    "speak_for_the_record": BENCH,
    "submit_document": SIDES | BENCH,
    "lead": {"mediator"},
    "call_own_side": SIDES,
    "call_bench": {"mediator", "judge"},
    "call_pause": SIDES | {"mediator"},
    "mention_all": BENCH,
    "pin_notice": BENCH,
    "acknowledge_notice": SIDES,
    "ask_unsealing": SIDES | {"mediator"},
    "order_unsealing": {"judge"},
    "unseal_message": {"clerk"},
    "hold_erasure": {"judge", "clerk"},
    "ask_erasure": SIDES,
    "decide_erasure": {"clerk"},
    "say_unsafe": SIDES,
    "report": SIDES,
    "see_concerns": {"mediator", "clerk"},
    "join_stage": SIDES | BENCH,
    "check_kit": SIDES | BENCH,
    "see_checks": {"mediator"},
    "raise_hand": SIDES | BENCH,
    "share_screen": BENCH,
    "record_meeting": {"mediator"},
    "order_recording": {"judge"},
    "run_ordered_recording": {"judge", "clerk"},
    "answer_recording": SIDES | BENCH,
    "see_recording": {"mediator"},
    "see_ordered_recording": BENCH,
    "draft_agreement": {"claimant", "agent", "mediator"},
    "freeze_agreement": {"mediator"},
    "sign_agreement": {"claimant", "agent"},
}


@dataclass
class Thing:
    state: str


def test_every_action_has_its_row() -> None:
    assert set(RULES) == set(EXPECTED)


@pytest.mark.parametrize("action", EXPECTED)
def test_exactly_these_people_may(action: str) -> None:
    assert {name for name, actor in PEOPLE.items() if may(actor, action)} == EXPECTED[action]


def test_what_one_may_never_do_and_what_one_may_not_do_now_are_told_apart() -> None:
    with pytest.raises(NotAllowed):
        require(PEOPLE["judge"], "speak", Thing("open"))
    with pytest.raises(WrongState):
        require(PEOPLE["claimant"], "speak", Thing("frozen"))
    require(PEOPLE["claimant"], "speak", Thing("open"))
