"""The form of an agreement's terms: rows of fields to terms, and terms back to rows; what was typed is never lost."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from mediation.agreements.terms import (
    Costs,
    Deed,
    How,
    Late,
    Money,
    Obligation,
    Terms,
    instalments,
)
from mediation.errors import Invalid
from web.forms import Form

Row = dict[str, str]
FIELDS = ("payer", "payee", "amount", "due", "how", "account", "deed")
WAYS: tuple[How, ...] = ("bank_transfer", "cash", "platform", "other")
SIGNS_OF_MONEY = str.maketrans("", "", ",，、 ¥￥元")


def rows_of(form: Form) -> list[Row]:
    """The rows as they were typed."""
    columns = [form.all(name) for name in FIELDS]
    return [dict(zip(FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]


def empty_row(like: Row | None = None) -> Row:
    """A row to be filled in; who pays whom is mostly the same as before."""
    row = dict.fromkeys(FIELDS, "") | {"how": "bank_transfer"}
    return row | {name: like[name] for name in ("payer", "payee", "how", "account")} if like else row


def written(rows: list[Row]) -> list[Row]:
    """Rows in which something is said, not only who."""
    return [row for row in rows if any(row[name].strip() for name in ("amount", "due", "deed"))]


def terms_of(form: Form, currency: str) -> Terms:
    """The terms that a form says; raises `Invalid` with the number of the row."""
    rows = written(rows_of(form))
    rate = form.text("late_rate", limit=20)
    late = Late(rate=_rate(rate), whole_due=bool(form.text("late_whole")))
    return Terms(
        obligations=tuple(_obligation(row, n, currency) for n, row in enumerate(rows, start=1)),
        late=late if late != Late() else None,
        costs=_costs(form.text("costs")),
        clauses=tuple(
            line.strip() for line in form.text("clauses", limit=60_000).splitlines() if line.strip()
        ),
        final=bool(form.text("final")),
    )


def spread(form: Form, currency: str) -> list[Row]:
    """The rows of a total paid in monthly parts, by whom and to whom the first row says."""
    first = rows_of(form)[0] if rows_of(form) else empty_row()
    count, start = form.number("spread_count"), _date(form.text("spread_first"))
    if count is None or start is None:
        raise Invalid("agreements.instalments_impossible", field="spread", most=120)
    total = Money(_amount(form.text("spread_total"), 1), currency)
    parts = instalments(payer=first["payer"], payee=first["payee"], total=total, count=count, first=start)
    return [
        _row(one) | {"how": first["how"] or "bank_transfer", "account": first["account"]} for one in parts
    ]


def filled_in(terms: Terms) -> tuple[list[Row], Mapping[str, str]]:
    """The form of terms that are there already: its rows and its other fields."""
    costs = f"borne_by:{terms.costs.bearer}" if terms.costs.kind == "borne_by" else terms.costs.kind
    late = terms.late or Late()
    typed = {
        "late_rate": _plain(Decimal(late.rate) / 100) if late.rate else "",
        "late_whole": "yes" if late.whole_due else "",
        "costs": costs,
        "clauses": "\n".join(terms.clauses),
        "final": "yes" if terms.final else "",
    }
    return [_row(one) for one in terms.obligations], typed


def _row(one: Obligation) -> Row:
    money = one.what if isinstance(one.what, Money) else None
    return {
        "payer": one.payer,
        "payee": one.payee,
        "amount": _plain(Decimal(money.amount) / 100) if money else "",
        "due": one.due.isoformat() if one.due else "",
        "how": one.how,
        "account": one.account,
        "deed": one.what.text if isinstance(one.what, Deed) else "",
    }


def _obligation(row: Row, n: int, currency: str) -> Obligation:
    deed = row["deed"].strip()
    what = Deed(deed) if deed and not row["amount"].strip() else Money(_amount(row["amount"], n), currency)
    how: How = next((way for way in WAYS if way == row["how"]), "other")
    return Obligation(row["payer"], row["payee"], what, _date(row["due"]), how, row["account"].strip())


def _amount(text: str, n: int) -> int:
    """86,000 or 86000.50 or ８６０００元, in the smallest unit."""
    plain = unicodedata.normalize("NFKC", text).translate(SIGNS_OF_MONEY)
    try:
        amount = Decimal(plain) * 100
    except InvalidOperation:
        raise Invalid("agreements.amount_not_positive", n=n) from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise Invalid("agreements.amount_not_positive", n=n)
    return int(amount)


def _rate(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).replace("%", "").strip()
    if not plain:
        return 0
    try:
        rate = Decimal(plain) * 100
    except InvalidOperation:
        raise Invalid("agreements.rate_out_of_range", field="late_rate") from None
    if not rate.is_finite() or rate != rate.to_integral_value():
        raise Invalid("agreements.rate_out_of_range", field="late_rate")
    return int(rate)


def _costs(chosen: str) -> Costs:
    kind, _, bearer = chosen.partition(":")
    if kind == "borne_by":
        return Costs("borne_by", bearer)
    if kind == "each_own":
        return Costs("each_own")
    return Costs("shared") if kind == "shared" else Costs()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
