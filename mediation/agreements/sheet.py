"""What a certificate says: plain data in both languages, made in the server, set by the printer."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from mediation.agreements.numerals import chinese_date, english_date
from mediation.agreements.terms import Money, Terms, totals
from mediation.agreements.text import Framing, Line, lay_out, one_line, plain_money, written_money
from mediation.packs.pack import Language, Pack, Words

LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Signed(msgspec.Struct, frozen=True):
    """A signature as the certificate shows it."""

    name: str
    standing: Words
    at: str
    entry: str


class Payment(msgspec.Struct, frozen=True):
    number: int
    payer: str
    payee: str
    what: Words
    due: Words


class Row(msgspec.Struct, frozen=True):
    label: Words
    value: Words


class Sheet(msgspec.Struct, frozen=True):
    """Everything on the pages; the printer adds nothing but the place of it."""

    code: str
    binding: Language
    organisation: str
    title: Words
    statement: Words
    effect: Words
    verify: Words
    sealed: Words
    seal: Words
    labels: dict[str, Words]
    rows: tuple[Row, ...]
    payments: tuple[Payment, ...]
    signatures: tuple[Signed, ...]
    zh: tuple[Line, ...]
    en: tuple[Line, ...]
    digest: str
    effective_entry: str
    check_url: str
    issued: Words
    issued_at: str

    def characters(self) -> str:
        """Every sign that the fonts must have."""
        return "".join(sorted(set(_strings(msgspec.to_builtins(self)))))


def make_sheet(
    *,
    pack: Pack,
    framing: Framing,
    terms: Terms,
    texts: Words,
    digest: str,
    signatures: tuple[Signed, ...],
    effective_at: datetime,
    effective_entry: str,
    issued_at: datetime,
    code: str,
    check_url: str,
) -> Sheet:
    """The certificate of a case that was settled by this agreement."""
    words, zone = pack.certificate, ZoneInfo(pack.time_zone)
    day = issued_at.astimezone(zone).date()
    return Sheet(
        code=code,
        binding=pack.binding_language,
        organisation=one_line(framing.organisation),
        title=words.title,
        statement=words.statement,
        effect=words.effect,
        verify=words.verify,
        sealed=words.sealed,
        seal=words.seal,
        labels=words.labels,
        rows=_rows(pack, framing, terms, written_moment(effective_at, zone)),
        payments=_payments(pack, framing, terms),
        signatures=signatures,
        zh=lay_out(texts.zh),
        en=lay_out(texts.en),
        digest=digest,
        effective_entry=effective_entry,
        check_url=check_url,
        issued=_day(day),
        issued_at=issued_at.isoformat(),
    )


def written_moment(at: datetime, zone: ZoneInfo) -> str:
    """2026-11-22 16:02:03 UTC+08:00: one form for all readers, in the court's zone."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{local.isoformat()[-6:]}"


def _rows(pack: Pack, framing: Framing, terms: Terms, effective: str) -> tuple[Row, ...]:
    def people(standing: str) -> Words:
        names = [one_line(person.name) for person in framing.parties if person.standing == standing]
        return Words("、".join(names), ", ".join(names))

    reason = pack.end_reason("agreed")
    assert reason is not None
    words = pack.certificate.labels
    sums = [Money(amount, currency) for currency, amount in totals(terms).items()]
    total = Words(
        *("；".join(written_money(money, pack, language) for money in sums) for language in LANGUAGES)
    )
    rows = (
        Row(words["case"], _same(framing.number)),
        Row(words["cause"], Words(pack.cause(framing.cause, "zh"), pack.cause(framing.cause, "en"))),
        Row(pack.standings["claimant"], people("claimant")),
        Row(pack.standings["respondent"], people("respondent")),
        Row(pack.standings["mediator"], _same(f"{framing.mediator} · {framing.organisation}")),
        Row(words["outcome"], reason.text),
        Row(words["effective"], _same(effective)),
    )
    return (*rows, Row(words["total"], total)) if sums else rows


def _payments(pack: Pack, framing: Framing, terms: Terms) -> tuple[Payment, ...]:
    names = {person.id: one_line(person.name) for person in framing.parties}
    rows = []
    for n, one in enumerate(terms.obligations, start=1):
        if isinstance(one.what, Money):
            what = Words(plain_money(one.what, pack, "zh"), plain_money(one.what, pack, "en"))
        else:
            what = _same(one.what.text)
        assert one.due is not None
        rows.append(Payment(n, names[one.payer], names[one.payee], what, _day(one.due)))
    return tuple(rows)


def _day(day: date) -> Words:
    return Words(chinese_date(day), english_date(day))


def _same(words: str) -> Words:
    return Words(one_line(words), one_line(words))


def _strings(data: object) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, dict):
        return "".join(_strings(value) for value in data.values())
    if isinstance(data, list | tuple):
        return "".join(_strings(value) for value in data)
    return str(data)
