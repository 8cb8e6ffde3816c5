"""Notices: the short messages that leave the house. They carry a link or a code, and nothing of a case (R2)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from mediation.masking import mask
from mediation.people.person import Person
from mediation.ports.mail import Mail, mailer
from mediation.ports.sms import Sms, texter
from mediation.store import Store
from mediation.words import fill, words

NOTICES = ("invitation", "code_sign_in", "code_sign_agreement", "unsafe")


def send_notice(store: Store, payload: Mapping[str, Any]) -> None:
    """Sends one notice by text message, by mail, or both, in the person's language; raises what the gateway raises."""
    person = store.read(_person, payload["person"]).result()
    own = words(person.locale)
    params = {**payload["params"], "name": person.name, "organisation": store.settings.organisation}
    notice, by = payload["notice"], payload["by"]
    if person.phone and by in {"phone", "both"}:
        text = mask(fill(own.gettext(f"notice.{notice}.sms"), params))
        texter(url=store.settings.sms_url).send(Sms(to=person.phone, text=text))
    if person.email and (by in {"mail", "both"} or not person.phone):
        subject, text = (
            mask(fill(own.gettext(f"notice.{notice}.{part}"), params)) for part in ("subject", "mail")
        )
        mailer(smtp=store.settings.smtp, sender=store.settings.mail_from).send(
            Mail(person.email, subject, text)
        )


def _person(session: Session, person: str) -> Person:
    return session.get_one(Person, person)
