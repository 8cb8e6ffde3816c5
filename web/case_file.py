"""A case written down in JSON, for operators who bring cases from another system."""

import msgspec

from mediation.cases.case import register_case
from mediation.cases.party import PartyDraft
from mediation.people.permission import Actor
from mediation.people.person import Person, person_at
from mediation.settings import BadSettings
from mediation.store import Store


class PersonIn(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody of the case, named by the address they are known by."""

    address: str
    standing: str
    authority: str | None = None
    represents: str = ""


class CaseFile(msgspec.Struct, forbid_unknown_fields=True):
    """The form of the file. `clerk` is the address of the clerk who registers it."""

    clerk: str
    title: str
    people: list[PersonIn]
    cause: str = ""
    claim: str = ""
    number: str = ""
    track: str = "before_filing"


def add_case(store: Store, text: str) -> str:
    """Registers the case of a file and gives its id; raises `BadSettings` for a malformed file, `Refusal` for a bad case."""
    try:
        case = msgspec.json.decode(text, type=CaseFile)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise BadSettings(f"This file is not a case: {error}.") from error
    clerk = _known(store, case.clerk)
    drafts = [
        PartyDraft(
            _known(store, each.address).id,
            each.standing,
            authority=each.authority,
            represents=_known(store, each.represents).id if each.represents else None,
        )
        for each in case.people
    ]
    fields = {
        "title": case.title,
        "cause": case.cause,
        "claim": case.claim,
        "number": case.number,
        "track": case.track,
    }
    by = Actor(clerk.id, clerk.office)
    return store.write(register_case, by=by, parties=drafts, **fields).result().id


def _known(store: Store, address: str) -> Person:
    person = store.read(person_at, address).result()
    if person is None:
        raise BadSettings(f"Nobody is known by {address!r}. Add this person first: mediation add-person.")
    return person
