"""Signing: a code bound to person and text, and the signature; the last one settles the case."""

from typing import Annotated

from msgspec import Meta

from mediation.agreements.looking import agreement_for
from mediation.agreements.signature import send_signing_code, sign_agreement
from mediation.clock import iso
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id
from signaling.desk.table import Ours, request

Version = Annotated[int, Meta(ge=1, le=1_000_000)]


class SendSigningCode(Ours):
    agreement: Id
    version: Version
    digest: Id


class SignAgreement(Ours):
    agreement: Id
    version: Version
    digest: Id
    code: Annotated[str, Meta(max_length=20)]
    client_id: Id


class CodeSent(Ours):
    sent_to: str
    expires_at: str


class Signed(Ours):
    entry: str
    hash: str
    effective: bool


@request("send_signing_code", SendSigningCode, may="sign", cost=5)
async def send_code(desk: Desk, caller: Connection, asked: SendSigningCode) -> CodeSent:
    seen = await desk.read(agreement_for, caller.person, asked.agreement)
    sent = await desk.write(
        send_signing_code,
        by=seen.actor,
        agreement=asked.agreement,
        version=asked.version,
        digest=asked.digest,
    )
    return CodeSent(sent_to=sent.sent_to, expires_at=iso(sent.expires_at))


@request("sign_agreement", SignAgreement, may="sign", cost=2)
async def sign(desk: Desk, caller: Connection, asked: SignAgreement) -> Signed:
    seen = await desk.read(agreement_for, caller.person, asked.agreement)
    signed = await desk.write(
        sign_agreement,
        by=seen.actor,
        agreement=asked.agreement,
        version=asked.version,
        digest=asked.digest,
        code=asked.code,
        client_id=asked.client_id,
    )
    return Signed(entry=signed.entry, hash=signed.hash, effective=signed.effective)
