"""Terms as data: who pays whom, what, when and how. The text is made from them, never the other way round."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date
from typing import Any, Literal

import msgspec

from mediation.errors import Invalid

MOST_OBLIGATIONS = 120
MOST_CLAUSES = 30
LONGEST_WORDS = 2000
LARGEST_AMOUNT = 10**13  # minor units: a hundred billion, the most that the capital form is written for


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="money"):
    """An amount in the currency's smallest unit: 8600000 fen is 86,000 yuan."""

    amount: int
    currency: str


class Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="deed"):
    """Another performance than money: hand over, repair, apologise."""

    text: str


How = Literal["bank_transfer", "cash", "platform", "other"]


class Obligation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Payer and payee are ids of persons; their names enter when the text is made."""

    payer: str
    payee: str
    what: Money | Deed
    due: date | None
    how: How = "bank_transfer"
    account: str = ""


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows when a payment is late: interest in basis points a year, the whole balance due at once."""

    rate: int = 0
    whole_due: bool = False


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["none", "each_own", "shared", "borne_by"] = "none"
    bearer: str = ""


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    obligations: tuple[Obligation, ...] = ()
    late: Late | None = None
    costs: Costs = Costs()
    clauses: tuple[str, ...] = ()
    final: bool = True


# msgspec looks at a type when it is first used; two threads that did so at once have crashed the process. So: here, once.
msgspec.json.Decoder(Terms)


def read_terms(data: object) -> Terms:
    """Terms from the JSON objects of a form or a table."""
    try:
        return msgspec.convert(data, Terms)
    except msgspec.ValidationError as error:
        raise Invalid("agreements.terms_unreadable", where=str(error)) from None


def terms_data(terms: Terms) -> dict[str, Any]:
    """Terms as JSON objects; `read_terms` gives the same terms back."""
    data: dict[str, Any] = msgspec.to_builtins(terms)
    return data


def check_terms(terms: Terms, *, parties: Collection[str], currencies: Collection[str], today: date) -> None:
    """Refuse what nobody could perform or enforce; the first fault is named with the number of its obligation."""
    if not terms.obligations and not any(clause.strip() for clause in terms.clauses):
        raise Invalid("agreements.nothing_agreed")
    if len(terms.obligations) > MOST_OBLIGATIONS:
        raise Invalid("agreements.too_many_obligations", most=MOST_OBLIGATIONS)
    for n, obligation in enumerate(terms.obligations, start=1):
        _check_people(obligation, n, parties)
        _check_what(obligation, n, currencies)
        _check_due(obligation, n, today)
        if len(obligation.account) > LONGEST_WORDS:
            raise Invalid("agreements.words_too_long", n=n, most=LONGEST_WORDS)
    _check_rest(terms, parties)


def _check_people(obligation: Obligation, n: int, parties: Collection[str]) -> None:
    if not obligation.payer:
        raise Invalid("agreements.payer_missing", n=n)
    if not obligation.payee:
        raise Invalid("agreements.payee_missing", n=n)
    if obligation.payer == obligation.payee:
        raise Invalid("agreements.payer_is_payee", n=n)
    if obligation.payer not in parties or obligation.payee not in parties:
        raise Invalid("agreements.not_a_party", n=n)


def _check_what(obligation: Obligation, n: int, currencies: Collection[str]) -> None:
    what = obligation.what
    if isinstance(what, Deed):
        if not what.text.strip():
            raise Invalid("agreements.deed_missing", n=n)
        if len(what.text) > LONGEST_WORDS:
            raise Invalid("agreements.words_too_long", n=n, most=LONGEST_WORDS)
        return
    if what.amount <= 0:
        raise Invalid("agreements.amount_not_positive", n=n)
    if what.amount > LARGEST_AMOUNT:
        raise Invalid("agreements.amount_too_large", n=n)
    if what.currency not in currencies:
        raise Invalid("agreements.currency_unknown", n=n)


def _check_due(obligation: Obligation, n: int, today: date) -> None:
    if obligation.due is None:
        raise Invalid("agreements.due_missing", n=n)
    if obligation.due < today:
        raise Invalid("agreements.due_past", n=n)
    if obligation.due.year > today.year + 50:
        raise Invalid("agreements.due_too_far", n=n)


def _check_rest(terms: Terms, parties: Collection[str]) -> None:
    if terms.late and not 0 <= terms.late.rate <= 10_000:
        raise Invalid("agreements.rate_out_of_range")
    if terms.costs.kind == "borne_by" and terms.costs.bearer not in parties:
        raise Invalid("agreements.bearer_missing")
    if len(terms.clauses) > MOST_CLAUSES:
        raise Invalid("agreements.too_many_clauses", most=MOST_CLAUSES)
    if any(len(clause) > LONGEST_WORDS for clause in terms.clauses):
        raise Invalid("agreements.clause_too_long", most=LONGEST_WORDS)


def instalments(
    *,
    payer: str,
    payee: str,
    total: Money,
    count: int,
    first: date,
    how: How = "bank_transfer",
    account: str = "",
) -> tuple[Obligation, ...]:
    """Monthly payments of whole units; what does not divide goes into the last one, so that the sum is exact."""
    if not 1 <= count <= MOST_OBLIGATIONS or total.amount < count:
        raise Invalid("agreements.instalments_impossible", most=MOST_OBLIGATIONS)
    part = total.amount // count
    part -= part % 100 if part >= 100 else 0
    amounts = [part] * (count - 1) + [total.amount - part * (count - 1)]
    return tuple(
        Obligation(payer, payee, Money(amount, total.currency), _months_after(first, month), how, account)
        for month, amount in enumerate(amounts)
    )


def _months_after(first: date, months: int) -> date:
    """The same day of a later month, or its last day where the month is shorter."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def totals(terms: Terms) -> dict[str, int]:
    """The money of all obligations, summed by currency."""
    sums: dict[str, int] = {}
    for obligation in terms.obligations:
        if isinstance(obligation.what, Money):
            sums[obligation.what.currency] = sums.get(obligation.what.currency, 0) + obligation.what.amount
    return sums
