"""Terms: what may stand in an agreement, and what is refused with which words."""

from datetime import date

import pytest

from mediation.agreements.terms import (
    Costs,
    Deed,
    Late,
    Money,
    Obligation,
    Terms,
    check_terms,
    instalments,
    read_terms,
    terms_data,
    totals,
)
from mediation.errors import Refusal

TODAY = date(2026, 11, 22)
PARTIES = {"chen", "bo"}
GOOD = Obligation("bo", "chen", Money(8_600_000, "CNY"), date(2026, 12, 1))


def refused(terms: Terms) -> str:
    with pytest.raises(Refusal) as caught:
        check_terms(terms, parties=PARTIES, currencies={"CNY"}, today=TODAY)
    return caught.value.message


def with_change(**changes: object) -> Terms:
    fields = {name: getattr(GOOD, name) for name in GOOD.__struct_fields__}
    return Terms((Obligation(**(fields | changes)),))


def test_good_terms_pass_and_survive_json() -> None:
    terms = Terms((GOOD,), Late(345, True), Costs("borne_by", "bo"), ("钥匙一并交还",))

    check_terms(terms, parties=PARTIES, currencies={"CNY"}, today=TODAY)

    assert read_terms(terms_data(terms)) == terms
    assert terms_data(terms)["obligations"][0]["what"] == {
        "type": "money",
        "amount": 8_600_000,
        "currency": "CNY",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"payer": ""}, "agreements.payer_missing"),
        ({"payee": ""}, "agreements.payee_missing"),
        ({"payee": "bo"}, "agreements.payer_is_payee"),
        ({"payee": "a stranger"}, "agreements.not_a_party"),
        ({"what": Money(0, "CNY")}, "agreements.amount_not_positive"),
        ({"what": Money(-5, "CNY")}, "agreements.amount_not_positive"),
        ({"what": Money(10**14, "CNY")}, "agreements.amount_too_large"),
        ({"what": Money(1, "XXX")}, "agreements.currency_unknown"),
        ({"what": Deed("  ")}, "agreements.deed_missing"),
        ({"what": Deed("x" * 2001)}, "agreements.words_too_long"),
        ({"due": None}, "agreements.due_missing"),
        ({"due": date(2026, 11, 21)}, "agreements.due_past"),
        ({"due": date(2126, 1, 1)}, "agreements.due_too_far"),
    ],
)
def test_an_obligation_that_nobody_could_enforce_is_refused_by_name(
    changes: dict[str, object], message: str
) -> None:
    assert refused(with_change(**changes)) == message


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms(), "agreements.nothing_agreed"),
        (Terms((GOOD,) * 121), "agreements.too_many_obligations"),
        (Terms((GOOD,), Late(10_001)), "agreements.rate_out_of_range"),
        (Terms((GOOD,), costs=Costs("borne_by", "")), "agreements.bearer_missing"),
        (Terms((GOOD,), clauses=("x",) * 31), "agreements.too_many_clauses"),
        (Terms((GOOD,), clauses=("x" * 2001,)), "agreements.clause_too_long"),
    ],
)
def test_terms_as_a_whole_are_refused_by_name(terms: Terms, message: str) -> None:
    assert refused(terms) == message


@pytest.mark.parametrize("data", [{"obligations": [{"payer": 1}]}, {"surprise": True}, [], None])
def test_what_is_not_terms_is_refused_and_does_not_crash(data: object) -> None:
    with pytest.raises(Refusal) as caught:
        read_terms(data)

    assert caught.value.message == "agreements.terms_unreadable"


def test_instalments_add_up_and_keep_to_the_end_of_the_month() -> None:
    payments = instalments(
        payer="bo", payee="chen", total=Money(8_600_000, "CNY"), count=3, first=date(2026, 12, 31)
    )

    assert [payment.due for payment in payments] == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    assert totals(Terms(payments)) == {"CNY": 8_600_000}
    assert payments[0].what == Money(2_866_600, "CNY")


@pytest.mark.parametrize(("amount", "count"), [(100, 0), (2, 3), (100, 121)])
def test_instalments_that_cannot_be_made_are_refused(amount: int, count: int) -> None:
    with pytest.raises(Refusal):
        instalments(payer="bo", payee="chen", total=Money(amount, "CNY"), count=count, first=TODAY)
