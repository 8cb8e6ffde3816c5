"""The certificate of an outcome: collected from the tables, printed outside, kept as a file and told in the record. Once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.agreements.agreement import Agreement, framing_of, version_of
from mediation.agreements.outcome import Outcome
from mediation.agreements.printing import MissingCharacters, print_certificate
from mediation.agreements.seal import ensure_seal
from mediation.agreements.sheet import Sheet, Signed, make_sheet, written_moment
from mediation.agreements.signature import Signature, signatures_of
from mediation.cases.case import Case, case_for, record_of_case, standings_in
from mediation.clock import utc_now
from mediation.documents.file import keep_file
from mediation.errors import NotFound
from mediation.ids import new_id
from mediation.packs.pack import Pack, Words
from mediation.people.person import Person
from mediation.ports.blobs import Blobs, Stored
from mediation.settings import Settings
from mediation.store import Store
from mediation.work import Work

PDF = "application/pdf"
WAIT_FOR_FONT = timedelta(minutes=10)


def issue_certificate(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: collect, print, keep. Slow, for a thread; done again after a kill it goes on or changes nothing."""
    settings, outcome = store.settings, payload["outcome"]
    sheet = store.read(certificate_sheet, outcome, settings).result()
    if sheet is None:
        return
    keys = settings.data / "keys"
    ensure_seal(keys, settings.organisation)
    try:
        pdf = print_certificate(sheet, keys)
    except MissingCharacters as missing:
        store.write(let_certificate_wait, outcome=outcome, missing=str(missing)).result()
        return
    stored = Blobs(settings.data / "blobs").put([pdf])
    store.write(keep_certificate, outcome=outcome, stored=stored).result()


def certificate_sheet(session: Session, outcome: str, settings: Settings) -> Sheet | None:
    """What the certificate says, or None when it has been issued already."""
    settled = session.get(Outcome, outcome)
    if settled is None:
        raise NotFound
    if settled.certificate_id is not None:
        return None
    agreement, case = session.get_one(Agreement, settled.agreement_id), session.get_one(Case, settled.case_id)
    text = version_of(session, agreement.id, settled.version)
    day = date.fromisoformat(text.made_on)
    return make_sheet(
        pack=case.rules,
        framing=framing_of(session, case, organisation=settings.organisation, made_on=day),
        terms=text.terms,
        texts=Words(text.text_zh, text.text_en),
        digest=text.digest,
        signatures=_signatures(session, agreement, case.rules),
        effective_at=settled.effective_at,
        effective_entry=settled.effective_hash,
        issued_at=utc_now(),
        code=settled.code,
        check_url=f"{settings.address}/genuine/{settled.code}",
    )


def keep_certificate(work: Work, *, outcome: str, stored: Stored) -> Outcome:
    """Ties the printed file to the outcome and tells the room; a second one, made after a kill, is left to be swept."""
    settled = work.get(Outcome, outcome)
    if settled.certificate_id is not None:
        return settled
    case = work.get(Case, settled.case_id)
    file = new_id()
    document = {
        "id": file,
        "name": f"certificate-{case.number}.pdf".replace("/", "-"),
        "title": case.rules.certificate.title.of(case.rules.binding_language),
        "type": PDF,
        "size": stored.size,
        "sha256": stored.sha256,
    }
    record = record_of_case(work.session, case.id)
    public = {"outcome": settled.id, "document": file, "digest": settled.digest, "code": settled.code}
    public["sha256"] = stored.sha256  # the page that checks goes by it, so that the chain must hold it
    body = {"outcome": settled.id, "document": document, "digest": settled.digest, "code": settled.code}
    entry = work.happened("certificate_issued", record, None, public=public, body=body)
    keep_file(work, file=file, entry=entry, purpose="certificate", stored=stored)
    settled.certificate_id, settled.certificate_sha256, settled.certified_at = file, stored.sha256, work.now
    settled.waits_for = None
    return settled


def let_certificate_wait(work: Work, *, outcome: str, missing: str) -> None:
    """No font has these signs: the outcome says so, and printing is tried again until somebody has installed one."""
    settled = work.get(Outcome, outcome)
    settled.waits_for = missing
    key = f"certificate:{outcome}:{int(work.now.timestamp())}"
    work.later("certificate", {"outcome": outcome}, run_at=work.now + WAIT_FOR_FONT, key=key)


def certificate_for(session: Session, person: str, case: str) -> Outcome:
    """The outcome with its certificate, for somebody in the case; raises `NotFound` for others and before it is issued."""
    found, _ = case_for(session, person, case)
    settled = session.scalar(select(Outcome).where(Outcome.case_id == found.id))
    if settled is None or settled.certificate_id is None:
        raise NotFound
    return settled


def _signatures(session: Session, agreement: Agreement, pack: Pack) -> tuple[Signed, ...]:
    zone = ZoneInfo(pack.time_zone)
    standings = {one.person: one for one in standings_in(session, agreement.case_id)}

    def shown(one: Signature) -> Signed:
        signer, party = session.get_one(Person, one.signer_id), standings[one.person_id]
        words = pack.standings[standings[one.signer_id].standing]
        if one.signer_id != one.person_id:
            words = Words(f"{party.name}的{words.zh}", f"{words.en} of {party.name}")
        return Signed(signer.name, words, written_moment(one.at, zone), one.entry_hash)

    return tuple(shown(one) for one in signatures_of(session, agreement))
