"""The officer on duty: told by mail or text message when somebody has quietly said that they are not safe (J6)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from mediation.cases.case import Case, standings_in
from mediation.packs.pack import load_pack
from mediation.people.person import Person
from mediation.ports.mail import Mail, mailer
from mediation.ports.sms import Sms, texter
from mediation.rooms.concern import Concern
from mediation.rooms.room import Room
from mediation.store import Store
from mediation.words import fill, words


def call_duty(store: Store, payload: Mapping[str, Any]) -> None:
    """Tells every address of the setting; raises what a gateway raises, so that it is tried again."""
    settings = store.settings
    if not settings.duty_officer:
        return
    params = store.read(_told, payload["concern"]).result() | {"organisation": settings.organisation}
    own = words(load_pack(settings.pack).binding_language)
    for address in settings.duty_officer:
        if "@" in address:
            subject, text = (fill(own.gettext(f"notice.duty.{part}"), params) for part in ("subject", "mail"))
            mailer(smtp=settings.smtp, sender=settings.mail_from).send(Mail(address, subject, text))
        else:
            text = fill(own.gettext("notice.duty.sms"), params)
            texter(url=settings.sms_url).send(Sms(to=address, text=text, key=payload["concern"]))


def _told(session: Session, concern: str) -> dict[str, str]:
    """Whom to call: the mediator, never the person themselves, beside whom somebody may be sitting."""
    found = session.get_one(Concern, concern)
    case = session.get_one(Case, session.get_one(Room, found.room_id).case_id)
    mediator = next(one for one in standings_in(session, case.id) if one.standing == "mediator")
    reach = session.get_one(Person, mediator.person)
    return {
        "number": case.number,
        "mediator": mediator.name,
        "reach": " ".join(filter(None, (reach.phone, reach.email))),
    }
