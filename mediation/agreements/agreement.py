"""Agreements: the versions of a text that the sides propose to each other, until the mediator freezes one for signing."""

import hashlib
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.agreements.compare import Comparison, compare
from mediation.agreements.terms import Money, Terms, check_terms, read_terms, terms_data, totals
from mediation.agreements.text import Framing, Line, Named, lay_out, make_text, plain_money, text_digest
from mediation.base import Base, Id, Json, JsonText, Key, MaybeMoment, Moment
from mediation.cases.case import Case, record_of_case, standings_in
from mediation.cases.party import principals
from mediation.errors import Invalid, NotFound, WrongState
from mediation.ids import new_id
from mediation.packs.pack import Language, Pack
from mediation.people.permission import Actor, require
from mediation.rooms.channel import talks_of
from mediation.rooms.room import room_of
from mediation.work import Work

STATES = ("drafting", "frozen", "declined", "effective")
LONGEST_NOTE = 500


class Agreement(Base):
    """What the parties settle on. `round` counts the freezings: a signature is good for its round only."""

    __tablename__ = "agreements"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    latest: Mapped[int]
    round: Mapped[int]
    frozen: Mapped[int | None]
    frozen_at: Mapped[MaybeMoment]
    signing_until: Mapped[MaybeMoment]
    effective_at: Mapped[MaybeMoment]


class AgreementVersion(Base):
    """One text, in both languages; `digest` names the one that binds. Never changed once it is there."""

    __tablename__ = "agreement_versions"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[Key]
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"))
    number: Mapped[int]
    by_id: Mapped[Id]
    at: Mapped[Moment]
    made_on: Mapped[str] = mapped_column(String(10))
    terms_data: Mapped[Json]
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    binding: Mapped[str] = mapped_column(String(2))
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)

    @property
    def terms(self) -> Terms:
        return read_terms(self.terms_data)

    @property
    def is_erased(self) -> bool:
        return not self.text_zh and not self.text_en

    def text(self, language: str = "") -> str:
        """The text in a language; without one, the text that binds."""
        return self.text_zh if (language or self.binding) == "zh" else self.text_en

    def lines(self, language: str = "") -> tuple[Line, ...]:
        return () if self.is_erased else lay_out(self.text(language))


class Reading(Base):
    """Which version a person has read last, so that we can say what changed since."""

    __tablename__ = "agreement_readings"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int]


def propose_terms(
    work: Work,
    *,
    by: Actor,
    case: str,
    terms: object,
    base: int = 0,
    note: str = "",
    client_id: str | None = None,
) -> AgreementVersion:
    """A new version: the mediator's draft, or a change that a party proposes to version `base`.

    Raises `WrongState` when somebody else has proposed a version since, or the text is frozen, and `Invalid` for terms that nobody could perform.
    """
    about = work.get(Case, case)
    talks = talks_of(work.session, room_of(work.session, case).id)
    if client_id and (done := work.earlier(talks, by.person, client_id)):
        return version_of(work.session, done.public["agreement"], done.public["version"])
    require(by, "draft_agreement", about)
    agreement = agreement_of(work.session, case) or _begin(work, about)
    _may_change(agreement, base)
    wanted = terms if isinstance(terms, Terms) else read_terms(terms)
    _check(work, about, wanted)
    version = _write(work, about, agreement, wanted, by=by.person, note=note)
    public = {"agreement": agreement.id, "version": version.number, "digest": version.digest}
    body = public | {"by": by.person, "summary": summary(wanted, about.rules)} | _bound(version)
    work.happened("agreement_proposed", talks, by.person, public=public, body=body, client_id=client_id)
    return version


def _bound(version: AgreementVersion) -> dict[str, Any]:
    """What binds the words in the other language, and the terms that they were made from, to the entry."""
    terms = JsonText().process_bind_param(version.terms_data, DefaultDialect())
    texts = {"zh": text_digest(version.text_zh), "en": text_digest(version.text_en)}
    return {"texts": texts, "terms": hashlib.sha256((terms or "").encode()).hexdigest()}


def freeze_agreement(
    work: Work,
    *,
    by: Actor,
    agreement: str,
    version: int,
    missing: Collection[str] = (),
    anyway: bool = False,
) -> Agreement:
    """Freezes the latest version for signing. `missing` are the signs that no font has: the caller looked for them.

    Raises `Invalid` for those, unless the mediator goes on `anyway`: then the certificate waits for a font.
    """
    frozen = work.get(Agreement, agreement)
    about = work.get(Case, frozen.case_id)
    require(by, "freeze_agreement", about)
    if frozen.state == "frozen" and frozen.frozen == version:
        return frozen
    _may_change(frozen, version)
    if missing and not anyway:
        raise Invalid("agreements.characters_missing", characters=" ".join(sorted(missing)))
    text = version_of(work.session, agreement, version)
    _check(work, about, text.terms)
    frozen.state, frozen.frozen, frozen.frozen_at, frozen.round = (
        "frozen",
        version,
        work.now,
        frozen.round + 1,
    )
    frozen.signing_until = work.now + timedelta(hours=about.rules.clocks.signing_hours)
    _tell(work, "agreement_frozen", by, text)
    return frozen


def thaw_agreement(work: Work, *, by: Actor, agreement: str) -> Agreement:
    """Opens a frozen text for changes again; signatures given to it are void, and who signed signs again."""
    thawed = work.get(Agreement, agreement)
    require(by, "freeze_agreement", work.get(Case, thawed.case_id))
    if thawed.state == "drafting":
        return thawed
    if thawed.state != "frozen" or thawed.frozen is None:
        raise WrongState("agreements.not_frozen")
    text = version_of(work.session, agreement, thawed.frozen)
    thawed.state, thawed.frozen, thawed.signing_until = "drafting", None, None
    _tell(work, "agreement_thawed", by, text)
    return thawed


def note_reading(work: Work, *, person: str, agreement: str, number: int) -> None:
    """Remembers the version that a person has read last."""
    known = work.session.get(Reading, (agreement, person))
    if known is None:
        work.add(Reading(agreement_id=agreement, person_id=person, number=number))
    else:
        known.number = number


def last_read(session: Session, person: str, agreement: str) -> int | None:
    known = session.get(Reading, (agreement, person))
    return known.number if known else None


def agreement_of(session: Session, case: str) -> Agreement | None:
    """The agreement of a case, or None before anybody proposed one. The caller has made sure that it may be seen."""
    return session.scalar(select(Agreement).where(Agreement.case_id == case))


def version_of(session: Session, agreement: str, number: int) -> AgreementVersion:
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement)
    found = session.scalar(query.where(AgreementVersion.number == number))
    if found is None:
        raise NotFound
    return found


def versions_of(session: Session, agreement: str) -> list[AgreementVersion]:
    """All versions, latest first."""
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement)
    return list(session.scalars(query.order_by(AgreementVersion.number.desc())))


def comparison_of(session: Session, agreement: str, old: int, new: int, language: str = "") -> Comparison:
    """What changed between two versions, in the words of one language."""
    before, after = version_of(session, agreement, old), version_of(session, agreement, new)
    if before.is_erased or after.is_erased:
        raise WrongState("agreements.erased")
    return compare(before.terms, after.terms, old_text=before.text(language), new_text=after.text(language))


def framing_of(session: Session, case: Case, *, organisation: str, made_on: date) -> Framing:
    """What the text says of the case besides its terms."""
    people = standings_in(session, case.id)
    agents: dict[str, list[str]] = {}
    for one in people:
        if one.represents:
            agents.setdefault(one.represents, []).append(one.name)
    parties = tuple(
        Named(one.person, one.name, one.standing, tuple(agents.get(one.person, ())))
        for one in people
        if one.standing in {"claimant", "respondent"}
    )
    mediator = "、".join(one.name for one in people if one.standing == "mediator")
    return Framing(case.number, case.cause, parties, mediator, organisation, made_on)


def today(case: Case, now: datetime) -> date:
    """The day it is where the law of the case is."""
    return now.astimezone(ZoneInfo(case.rules.time_zone)).date()


def summary(terms: Terms, pack: Pack) -> str:
    """Amount and dates in signs that need no language: CNY 86,000 · 2026-12-31 – 2027-03-31."""
    sums = [plain_money(Money(amount, currency), pack, "en") for currency, amount in totals(terms).items()]
    days = sorted({one.due.isoformat() for one in terms.obligations if one.due})
    return " · ".join([*sums, " – ".join([days[0], days[-1]] if len(days) > 1 else days)])


def _begin(work: Work, case: Case) -> Agreement:
    agreement = work.add(Agreement(id=new_id(), case_id=case.id, state="drafting", latest=0, round=0))
    work.session.flush()
    return agreement


def _may_change(agreement: Agreement, base: int) -> None:
    """A change is made to the latest version, by somebody who has seen it."""
    if agreement.state not in {"drafting", "declined"}:
        raise WrongState("agreements.frozen")
    if base != agreement.latest:
        raise WrongState("agreements.newer_version", version=agreement.latest)


def _check(work: Work, case: Case, terms: Terms) -> None:
    parties = principals(work.session, case.id)
    currencies = case.rules.currencies
    check_terms(terms, parties=parties, currencies=currencies, today=today(case, work.now))


def _write(
    work: Work, case: Case, agreement: Agreement, terms: Terms, *, by: str, note: str
) -> AgreementVersion:
    pack, day = case.rules, today(case, work.now)
    framing = framing_of(work.session, case, organisation=work.settings.organisation, made_on=day)
    languages: tuple[Language, Language] = ("zh", "en")
    texts: dict[str, str] = {language: make_text(terms, framing, pack, language) for language in languages}
    digest = text_digest(texts[pack.binding_language])
    if agreement.latest and version_of(work.session, agreement.id, agreement.latest).digest == digest:
        raise Invalid("agreements.nothing_changed")
    agreement.state, agreement.latest = "drafting", agreement.latest + 1
    version = AgreementVersion(
        id=new_id(),
        agreement_id=agreement.id,
        number=agreement.latest,
        by_id=by,
        at=work.now,
        made_on=day.isoformat(),
        terms_data=terms_data(terms),
        text_zh=texts["zh"],
        text_en=texts["en"],
        binding=pack.binding_language,
        digest=digest,
        note=" ".join(note.split())[:LONGEST_NOTE],
    )
    work.add(version)
    work.session.flush()
    return version


def _tell(work: Work, kind: str, by: Actor, text: AgreementVersion) -> None:
    about = work.get(Agreement, text.agreement_id)
    public: dict[str, Any] = {"agreement": about.id, "version": text.number, "digest": text.digest}
    work.happened(kind, record_of_case(work.session, about.case_id), by.person, public=public, body=public)
