"""The agreement's text, made from its terms in Chinese and English: the same terms always give the same text."""

import hashlib
import unicodedata
from datetime import date
from itertools import groupby
from typing import Literal

import msgspec

from mediation.agreements.numerals import (
    capital,
    chinese_date,
    english_date,
    formal_date,
    grouped,
    in_words,
    ordinal,
)
from mediation.agreements.terms import Deed, Late, Money, Obligation, Terms
from mediation.packs.pack import Language, Pack

DIGEST_DOMAIN = b"mediation agreement text 1\0"
ENDINGS = "。．.!?！？；;"


class Named(msgspec.Struct, frozen=True):
    """A person as the text names them; `agents` are the names of those who represent them."""

    id: str
    name: str
    standing: str
    agents: tuple[str, ...] = ()


class Framing(msgspec.Struct, frozen=True):
    """What the text needs to know besides the terms."""

    number: str
    cause: str
    parties: tuple[Named, ...]
    mediator: str
    organisation: str
    made_on: date


class Line(msgspec.Struct, frozen=True):
    """A line of the text and what it is, for whoever lays it out."""

    kind: Literal["title", "people", "preamble", "clause", "part", "date"]
    text: str


def make_text(terms: Terms, framing: Framing, pack: Pack, language: Language) -> str:
    """The whole text: title, people, preamble, numbered clauses and date, blank lines between them."""
    return _Writer(terms, framing, pack, language).text()


def text_digest(text: str) -> str:
    """The SHA-256 that names this exact text, in hex; the prefix keeps it apart from every other digest of ours."""
    return hashlib.sha256(DIGEST_DOMAIN + text.encode()).hexdigest()


def lay_out(text: str) -> tuple[Line, ...]:
    """The lines of a text that `make_text` made."""
    title, people, preamble, clauses, day = text.split("\n\n")
    lines = [Line("title", title)]
    lines += [Line("people", line) for line in people.split("\n")]
    lines.append(Line("preamble", preamble))
    lines += [Line("part" if line[0] in "（(" else "clause", line) for line in clauses.split("\n")]
    return (*lines, Line("date", day))


def one_line(words: str) -> str:
    """Words as they may stand in a line: no breaks and no invisible signs, so that a name cannot pass for a clause."""
    visible = "".join(" " if sign.isspace() else sign for sign in words)
    kept = "".join(sign for sign in visible if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co"))
    return unicodedata.normalize("NFC", " ".join(kept.split()))


class _Writer:
    """Writes one text in one language."""

    def __init__(self, terms: Terms, framing: Framing, pack: Pack, language: Language) -> None:
        self.terms, self.framing, self.pack, self.language = terms, framing, pack, language
        self.names = {person.id: self._called(person) for person in framing.parties}

    def text(self) -> str:
        clauses = "\n".join(self._numbered(n, clause) for n, clause in enumerate(self._clauses(), start=1))
        made_on = self.framing.made_on
        day = formal_date(made_on) if self.language == "zh" else english_date(made_on)
        blocks = (
            self._say("title"),
            self._people(),
            self._preamble(),
            clauses,
            self._say("made_on", date=day),
        )
        return unicodedata.normalize("NFC", "\n\n".join(blocks))

    def _say(self, key: str, **names: object) -> str:
        return self.pack.agreement[key].of(self.language, **names)

    def _called(self, person: Named) -> str:
        name = one_line(person.name)
        return self.pack.standing(person.standing, "zh") + name if self.language == "zh" else name

    def _names(self, names: tuple[str, ...]) -> str:
        return ("、" if self.language == "zh" else ", ").join(one_line(name) for name in names)

    def _people(self) -> str:
        lines = [self._say("case", number=one_line(self.framing.number))]
        for person in self.framing.parties:
            standing = self.pack.standing(person.standing, self.language)
            line = self._say("party", standing=standing, name=one_line(person.name))
            if person.agents:
                line += self._say("represented", names=self._names(person.agents))
            lines.append(line)
        mediator = self.pack.standing("mediator", self.language)
        lines.append(self._say("party", standing=mediator, name=one_line(self.framing.mediator)))
        return "\n".join(lines)

    def _preamble(self) -> str:
        def of(standing: str) -> str:
            return self._names(
                tuple(person.name for person in self.framing.parties if person.standing == standing)
            )

        return self._say(
            "preamble",
            claimants=of("claimant"),
            respondents=of("respondent"),
            dispute=one_line(self.pack.cause(self.framing.cause, self.language)),
            organisation=one_line(self.framing.organisation),
            mediator=one_line(self.framing.mediator),
        )

    def _numbered(self, n: int, clause: str) -> str:
        return f"{ordinal(n)}、{clause}" if self.language == "zh" else f"{n}. {clause}"

    def _clauses(self) -> list[str]:
        clauses = [self._performance(group) for group in _schedules(self.terms.obligations)]
        if self.terms.late:
            clauses += self._late(self.terms.late)
        clauses += [self._closed(clause) for clause in self.terms.clauses if one_line(clause)]
        clauses.append(self._costs())
        if self.terms.final:
            clauses.append(self._say("final"))
        clauses.append(self.pack.effectivity.text.of(self.language))
        clauses.append(self._say("binding"))
        return clauses

    def _performance(self, group: tuple[Obligation, ...]) -> str:
        first = group[0]
        names = {"payer": self.names[first.payer], "payee": self.names[first.payee]}
        if isinstance(first.what, Deed):
            return self._say("deed", **names, due=self._day(first.due), what=self._closed(first.what.text))
        amounts = [obligation.what for obligation in group if isinstance(obligation.what, Money)]
        names["amount"] = self._money(Money(sum(money.amount for money in amounts), first.what.currency))
        names["how"] = self._say(f"how_{first.how}") + self._account(first.account)
        if len(group) == 1:
            return self._say("pay", **names, due=self._day(first.due))
        days = [self._day(obligation.due) for obligation in group]
        return "\n".join([self._say("pay_in_parts", **names, count=len(group)), *self._parts(days, amounts)])

    def _parts(self, days: list[str], amounts: list[Money]) -> list[str]:
        between, last = ("；", "。") if self.language == "zh" else (";", ".")
        lines = [
            self._say("part", n=n, due=day, amount=self._money(amount))
            for n, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
        ]
        return [line + (last if line is lines[-1] else between) for line in lines]

    def _account(self, account: str) -> str:
        return self._say("account", account=one_line(account)) if one_line(account) else ""

    def _late(self, late: Late) -> list[str]:
        percent = f"{late.rate // 100}.{late.rate % 100:02d}".rstrip("0").rstrip(".") + "%"
        clauses = [self._say("late_rate", rate=percent)] if late.rate else []
        return clauses + ([self._say("late_whole")] if late.whole_due else [])

    def _costs(self) -> str:
        costs = self.terms.costs
        return self._say(f"costs_{costs.kind}", bearer=self.names.get(costs.bearer, ""))

    def _closed(self, words: str) -> str:
        sentence = one_line(words)
        return (
            sentence
            if sentence.endswith(tuple(ENDINGS))
            else sentence + ("。" if self.language == "zh" else ".")
        )

    def _day(self, day: date | None) -> str:
        assert day is not None  # check_terms has refused an obligation without a date
        return chinese_date(day) if self.language == "zh" else english_date(day)

    def _money(self, money: Money) -> str:
        return written_money(money, self.pack, self.language)


def _schedules(obligations: tuple[Obligation, ...]) -> list[tuple[Obligation, ...]]:
    """Payments that follow each other and differ only in amount and date make one clause; a deed stands alone."""

    def alike(numbered: tuple[int, Obligation]) -> tuple[object, ...]:
        n, one = numbered
        kind = n if isinstance(one.what, Deed) else one.what.currency
        return (one.payer, one.payee, kind, one.how, one.account)

    return [tuple(one for _, one in group) for _, group in groupby(enumerate(obligations), key=alike)]


def plain_money(money: Money, pack: Pack, language: Language) -> str:
    """An amount as it is said: 人民币86,000元, CNY 86,000."""
    currency = pack.currencies[money.currency]
    unit = currency.unit.zh if language == "zh" else ""
    return f"{currency.prefix.of(language)}{grouped(money.amount)}{unit}"


def written_money(money: Money, pack: Pack, language: Language) -> str:
    """An amount as a document states it: plainly, and again in capitals or words, which are harder to alter."""
    currency, plain = pack.currencies[money.currency], plain_money(money, pack, language)
    if language == "zh":
        return f"{plain}（大写：{currency.prefix.zh}{capital(money.amount)}）" if currency.capital else plain
    whole, part = divmod(money.amount, 100)
    words = f"{in_words(whole)} {currency.unit.en}" + (
        f" and {in_words(part)} {currency.parts.en}" if part else ""
    )
    return f"{plain} ({words})"
