"""What an export takes along, gathered in one snapshot: channels, the people in them, the texts they name, and the heads of all channels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mediation.agreements.agreement import AgreementVersion
from mediation.agreements.looking import agreement_in
from mediation.cases.case import Case, Standing, standings_in
from mediation.keys import Keys
from mediation.people.person import Person
from mediation.ports.blobs import Wall
from mediation.record.copying import ChannelCopy, copy_channel
from mediation.record.export import Export, channels_in
from mediation.record.seal import Head, all_heads


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that goes into a bundle, as it stood at one moment, and the heads at that moment."""

    export: Export
    case: Case
    people: tuple[Standing, ...]
    names: Mapping[str, str]
    channels: tuple[ChannelCopy, ...]
    walls: Mapping[str, Wall]
    texts: tuple[AgreementVersion, ...]
    heads: tuple[Head, ...]


def gather(session: Session, keys: Keys, export: str) -> Gathered:
    """Everything in one snapshot, so that seal and entries belong together."""
    asked = session.get_one(Export, export)
    case = session.get_one(Case, asked.case_id)
    readable = channels_in(session, asked)
    chosen = asked.chosen if asked.scope == "chosen" else None
    copies = tuple(copy_channel(session, keys, one, chosen=chosen) for one in readable)
    walls = {
        one.id: Wall(one.id, keys.channel_key(one.id, one.key_wrapped)) for one in readable if one.key_wrapped
    }
    people = tuple(standings_in(session, case.id))
    told = _told(copies) | {asked.person_id}
    names = {one: found.name for one in sorted(told) if (found := session.get(Person, one))}
    texts = _texts(session, asked, copies)
    return Gathered(asked, case, people, names, copies, walls, texts, tuple(all_heads(session)))


def _texts(session: Session, export: Export, copies: Iterable[ChannelCopy]) -> tuple[AgreementVersion, ...]:
    """The agreement's texts that shown entries name: in the trial file the signed one alone, drafts are settlement talk."""
    named = {one.facts["public"].get("digest") for copy in copies for one in copy.shown}
    seen = agreement_in(session, export.person_id, export.case_id)
    if seen.agreement is None:
        return ()
    signed = seen.agreement.frozen if seen.agreement.state == "effective" else None
    only_record = all(copy.kind == "record" for copy in copies)
    return tuple(
        one
        for one in seen.versions
        if one.digest in named and (one.number == signed or not only_record) and one.text()
    )


def _told(copies: Iterable[ChannelCopy]) -> set[str]:
    """Every string in what is shown, and who has seen it: which of them are people is looked up."""
    found: set[str] = set()
    for copy in copies:
        for one in copy.shown:
            found.update(_strings(one.facts), _strings(one.body))
        found.update(mark.person for mark in copy.marks)
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
