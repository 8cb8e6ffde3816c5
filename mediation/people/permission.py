"""Permission: who may do what, decided in one place by standing and state.

Visibility is decided before, by the query: what is not yours does not exist. This table answers the rest: whether somebody
who sees a thing may do this with it, in the state in which it is. It follows mission section 4, row by row.
"""

from dataclasses import dataclass
from typing import Protocol

from mediation.errors import NotAllowed, WrongState

PARTIES = frozenset({"claimant", "respondent"})
SIDES = PARTIES | {"agent"}
LEADS = frozenset({"mediator"})
BENCH = frozenset({"mediator", "judge", "clerk"})
EVERYBODY = SIDES | BENCH


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as seen by the rules: office in the organisation, standing, side and authority in the case at hand."""

    person: str
    office: str | None = None
    standing: str | None = None
    side: str | None = None
    authority: str | None = None


class Thing(Protocol):
    """What an action is done with; its state decides whether now is the time."""

    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may (standings in the case, or offices in the organisation), and in which states of the thing."""

    standings: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    states: frozenset[str] | None = None
    special: bool = False
    """An agent needs special authority."""


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


_CLERKS = frozenset({"clerk"})

RULES: dict[str, Rule] = {
    # the organisation
    "add_person": Rule(offices=_CLERKS),
    "list_people": Rule(offices=_CLERKS),
    "register_case": Rule(offices=_CLERKS),
    # a case
    "see_case": Rule(standings=EVERYBODY),
    "invite": Rule(standings=frozenset({"mediator", "clerk"}), states=_in("consent_pending", "mediating")),
    "revoke_invitation": Rule(standings=frozenset({"mediator", "clerk"})),
    "consent": Rule(standings=SIDES, states=_in("consent_pending", "mediating"), special=True),
    "end_case": Rule(standings=LEADS, states=_in("consent_pending", "mediating")),
    "export_record": Rule(standings=EVERYBODY),  # and one channel that one may read
    "export_own": Rule(standings=SIDES),
    "open_room": Rule(standings=LEADS, states=_in("mediating")),
    "book_hearing": Rule(standings=BENCH, states=_in("consent_pending", "mediating")),
    "cancel_hearing": Rule(standings=BENCH),
    # a room
    "speak": Rule(standings=SIDES | LEADS, states=_in("open")),
    "speak_for_the_record": Rule(standings=BENCH, states=_in("open")),
    "submit_document": Rule(standings=EVERYBODY, states=_in("open")),
    "lead": Rule(standings=LEADS, states=_in("open")),
    "call_pause": Rule(standings=SIDES | LEADS, states=_in("open")),
    "mention_all": Rule(standings=BENCH),
    "pin_notice": Rule(standings=BENCH, states=_in("open")),
    "acknowledge_notice": Rule(standings=SIDES, states=_in("open", "frozen")),
    # what was taken back is opened by a judge's order, which a clerk carries out
    "ask_unsealing": Rule(standings=SIDES | LEADS),
    "order_unsealing": Rule(standings=frozenset({"judge"})),
    "unseal_message": Rule(standings=_CLERKS),
    # how long contents are kept
    "hold_erasure": Rule(standings=frozenset({"judge", "clerk"})),
    "ask_erasure": Rule(standings=SIDES),
    "decide_erasure": Rule(standings=_CLERKS),
    "say_unsafe": Rule(standings=SIDES),  # also where nothing else may be done any more
    "report": Rule(standings=SIDES),
    "see_concerns": Rule(standings=frozenset({"mediator", "clerk"})),
    "join_stage": Rule(standings=EVERYBODY, states=_in("open")),
    "check_kit": Rule(standings=EVERYBODY),
    "see_checks": Rule(standings=LEADS),
    "call_own_side": Rule(standings=SIDES, states=_in("open")),
    "call_bench": Rule(standings=frozenset({"mediator", "judge"}), states=_in("open")),
    "raise_hand": Rule(standings=EVERYBODY),
    "share_screen": Rule(standings=BENCH),  # the others ask for it, and are allowed one by one
    # a recording: by the consent of all, or by a judge's order
    "record_meeting": Rule(standings=LEADS, states=_in("open")),
    "order_recording": Rule(standings=frozenset({"judge"}), states=_in("open")),
    "run_ordered_recording": Rule(standings=frozenset({"judge", "clerk"})),
    "answer_recording": Rule(standings=EVERYBODY),
    "see_recording": Rule(standings=LEADS),
    "see_ordered_recording": Rule(standings=BENCH),
    # an agreement
    "draft_agreement": Rule(standings=SIDES | LEADS, states=_in("mediating"), special=True),
    "freeze_agreement": Rule(standings=LEADS, states=_in("mediating")),
    "sign_agreement": Rule(standings=SIDES, states=_in("mediating"), special=True),
}


def may(actor: Actor, action: str, thing: Thing | None = None) -> bool:
    """Whether this actor may do this with this thing as it is now; an unknown action is a bug (`KeyError`)."""
    rule = RULES[action]
    return _is_one_to(rule, actor) and (rule.states is None or thing is None or thing.state in rule.states)


def require(actor: Actor, action: str, thing: Thing | None = None) -> None:
    """Raises `NotAllowed` when this actor never may, `WrongState` when it is not the time."""
    if not _is_one_to(RULES[action], actor):
        raise NotAllowed("not_allowed")
    if not may(actor, action, thing):
        raise WrongState("not_now")


def _is_one_to(rule: Rule, actor: Actor) -> bool:
    if rule.special and actor.standing == "agent" and actor.authority != "special":
        return False
    return actor.standing in rule.standings or actor.office in rule.offices
