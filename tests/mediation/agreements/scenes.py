"""Scenes around an agreement: terms for the cast, a proposed text, a frozen one, and the codes that were sent."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.agreements.agreement import (
    Agreement,
    AgreementVersion,
    agreement_of,
    freeze_agreement,
    propose_terms,
    version_of,
)
from mediation.agreements.signature import Signed, send_signing_code, sign_agreement
from mediation.agreements.terms import Money, Terms, instalments, terms_data
from mediation.jobs import Job
from tests.stories import Story


def terms_for(story: Story, *, total: int = 8_600_000, count: int = 4) -> Terms:
    """The respondent pays the claimant in monthly parts."""
    return Terms(
        instalments(
            payer=story.people["respondent"],
            payee=story.people["claimant"],
            total=Money(total, "CNY"),
            count=count,
            first=date(2026, 12, 31),
        )
    )


def propose(story: Story, role: str = "mediator", *, base: int = 0, **changes: Any) -> AgreementVersion:
    data = terms_data(terms_for(story, **changes))
    return story.house.do(propose_terms, by=story.actor(role), case=story.case, terms=data, base=base)


def frozen(story: Story) -> AgreementVersion:
    """Version 1 is proposed and frozen."""
    version = propose(story)
    story.house.do(freeze_agreement, by=story.actor("mediator"), agreement=version.agreement_id, version=1)
    return version


def the_agreement(story: Story) -> Agreement:
    found = story.house.ask(agreement_of, story.case)
    assert found is not None
    return found


def the_version(story: Story, number: int) -> AgreementVersion:
    return story.house.ask(version_of, the_agreement(story).id, number)


def code_for(story: Story, role: str, version: AgreementVersion) -> str:
    """Asks for a signing code and reads it from the message that carries it."""
    story.house.do(
        send_signing_code,
        by=story.actor(role),
        agreement=version.agreement_id,
        version=version.number,
        digest=version.digest,
    )
    return story.house.ask(_latest_code, story.people[role])


def sign(
    story: Story, role: str, version: AgreementVersion, code: str | None = None, digest: str = ""
) -> Signed:
    return story.house.do(
        sign_agreement,
        by=story.actor(role),
        agreement=version.agreement_id,
        version=version.number,
        digest=digest or version.digest,
        code=code or code_for(story, role, version),
    )


def settled(story: Story) -> AgreementVersion:
    """Both sides have signed version 1."""
    version = frozen(story)
    sign(story, "claimant", version)
    sign(story, "respondent", version)
    return version


def kinds(story: Story, channel: str | None = None) -> list[str]:
    """The kinds of all entries that were published in a channel (the record), in order."""
    wanted = channel or story.record
    return [entry.kind for entry in story.house.published if entry.channel == wanted]


def _latest_code(session: Session, person: str) -> str:
    notices = session.scalars(select(Job).where(Job.kind == "notice").order_by(Job.run_at.desc()))
    codes = [
        job.payload["params"]["code"]
        for job in notices
        if job.payload["person"] == person and "code" in job.payload["params"]
    ]
    return str(codes[0])
