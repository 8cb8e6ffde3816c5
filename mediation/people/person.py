"""People: everybody who can sign in, with the address at which they are reached."""

import re

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Key, Moment
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.rooms.channel import Channel, Member
from mediation.work import Work

OFFICES = ("clerk", "judge", "mediator", "admin")
LOCALES = ("zh-CN", "en")
LONGEST_NAME = 120

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_MOBILE_IN_CHINA = re.compile(r"1[3-9][0-9]{9}")  # as everybody there writes it, without the country
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Person(Base):
    """A natural person. `office` is what they are in the organisation; None for parties and their lawyers."""

    __tablename__ = "persons"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    locale: Mapped[str] = mapped_column(String(8))
    zone: Mapped[str] = mapped_column(String(40))
    office: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[Moment]

    @property
    def reached_at(self) -> str:
        """Where a code goes, masked so that a bystander learns nothing: `138****0001`, `c***@example.org`."""
        if self.phone:
            return (
                f"{self.phone[:-8]}****{self.phone[-4:]}" if len(self.phone) > 8 else f"****{self.phone[-2:]}"
            )
        name, _, domain = (self.email or "").partition("@")
        return f"{name[:1]}***@{domain}"


def add_person(
    work: Work,
    *,
    by: str | None,
    name: str,
    email: str = "",
    phone: str = "",
    office: str | None = None,
    locale: str = "zh-CN",
    zone: str = "Asia/Shanghai",
) -> Person:
    """Adds somebody; one who is known by this address already is taken as they are.

    Raises `Invalid` where the name is empty, an address is malformed, or there is none at all.
    """
    name, email, phone = clean_name(name), clean_email(email), clean_phone(phone)
    if not name:
        raise Invalid("person.name_missing")
    if not email and not phone:
        raise Invalid("person.address_missing")
    if office is not None and office not in OFFICES:
        raise Invalid("person.office_unknown")
    if known := person_at(work.session, email or phone):
        return known
    if email and phone and person_at(work.session, phone):
        raise Invalid("person.phone_taken")
    person = work.add(
        Person(
            id=new_id(),
            name=name,
            email=email or None,
            phone=phone or None,
            locale=locale if locale in LOCALES else "zh-CN",
            zone=zone,
            office=office,
            created_at=work.now,
        )
    )
    work.session.flush()
    _own_channel(work, person)
    public = {"person": person.id} | ({"office": office} if office else {})
    body = public | {"name": name, "email": person.email, "phone": person.phone}
    work.happened("person_added", acts_of(work.session, person.id), by, public=public, body=body)
    return person


def choose_language(work: Work, *, person: str, locale: str) -> None:
    """Keeps the language in which a person reads everything."""
    if locale in LOCALES:
        work.get(Person, person).locale = locale


def person_at(session: Session, address: str) -> Person | None:
    """The person with this e-mail address or phone number."""
    column = Person.email if "@" in address else Person.phone
    wanted = clean_email(address) if "@" in address else clean_phone(address)
    return session.scalar(select(Person).where(column == wanted)) if wanted else None


def people(session: Session) -> list[Person]:
    """Everybody, by name."""
    return list(session.scalars(select(Person).order_by(Person.name, Person.id)))


def acts_of(session: Session, person: str) -> str:
    """The channel of a person's own acts: signing in, devices, what was looked at."""
    return session.scalars(
        select(Channel.id).where(Channel.owner_id == person, Channel.kind == "person")
    ).one()


def clean_name(text: str) -> str:
    """A name without control and direction marks and with single spaces."""
    return " ".join(_CONTROL.sub("", text).split())[:LONGEST_NAME]


def clean_email(text: str) -> str:
    """The address in its one form, or nothing; raises `Invalid` for what is no address."""
    address = text.strip().lower()
    if address and (not _MAIL.fullmatch(address) or len(address) > 254):
        raise Invalid("person.email_malformed")
    return address


def clean_phone(text: str) -> str:
    """The number in its one form, or nothing; raises `Invalid` for what is no number."""
    number = re.sub(r"[\s().-]", "", text)
    if _MOBILE_IN_CHINA.fullmatch(number):
        number = f"+86{number}"
    if number and not _PHONE.fullmatch(number):
        raise Invalid("person.phone_malformed")
    return number


def _own_channel(work: Work, person: Person) -> None:
    channel = Channel(id=new_id(), owner_id=person.id, kind="person", name="", opened_at=work.now)
    work.add(channel)
    work.session.flush()
    work.add(Member(channel_id=channel.id, person_id=person.id, since=work.now))
    work.session.flush()
