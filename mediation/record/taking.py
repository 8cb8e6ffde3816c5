"""Taking a bundle out by hand: the operator's command, in a person's name and with no more than that person's rights."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.errors import NotFound
from mediation.ids import new_id
from mediation.people.person import person_at
from mediation.record.bundle import bundle
from mediation.record.export import Wish, ask_for_export, parse_seqs
from mediation.store import Store


def take_out(
    store: Store, *, case: str, address: str, out: Path, own: bool, channel: str, entries: str
) -> None:
    """Writes the bundle of the case with this number; raises `NotFound` and what `ask_for_export` raises."""
    scope = "chosen" if entries else "channel" if channel else "own" if own else "record"
    wish = Wish(scope, channel, parse_seqs(entries))
    person, found = store.read(_named, address, case).result()
    asked = store.write(ask_for_export, by=person, case=found, wish=wish, client_id=new_id()).result()
    part = out.with_name(f"{out.name}.part")
    with part.open("wb") as file:
        for chunk in bundle(store, asked.id):
            file.write(chunk)
    part.replace(out)


def _named(session: Session, address: str, number: str) -> tuple[str, str]:
    person = person_at(session, address)
    case = session.scalar(select(Case.id).where(Case.number == number))
    if person is None or case is None:
        raise NotFound
    return person.id, case
