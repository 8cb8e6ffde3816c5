"""What changed between two versions, said for people: names for ids, amounts and days as they are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mediation.agreements.compare import Change
from mediation.agreements.numerals import chinese_date, english_date
from mediation.agreements.terms import Deed, Money, Obligation
from mediation.agreements.text import plain_money
from mediation.packs.pack import Pack, language_of
from mediation.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words; None where there was, or is, nothing."""

    field: str
    number: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Says values of terms in one reader's language."""

    words: Words
    pack: Pack
    names: Mapping[str, str]

    def told(self, changes: tuple[Change, ...]) -> list[Said]:
        return [
            Said(one.field, one.number, self._value(one.field, one.before), self._value(one.field, one.after))
            for one in changes
        ]

    def ways(self) -> list[tuple[str, str]]:
        """The ways of payment, for a list to choose from."""
        _ = self.words.gettext
        return [
            ("bank_transfer", _("Bank transfer")),
            ("cash", _("Cash")),
            ("platform", _("Online payment")),
            ("other", _("Another way")),
        ]

    def costs(self, parties: list[tuple[str, str]]) -> list[tuple[str, str]]:
        _ = self.words.gettext
        kinds = [
            ("none", _("No fee is charged")),
            ("each_own", _("Each side bears its own")),
            ("shared", _("Shared equally")),
        ]
        bears = _("%(name)s bears them")
        return kinds + [(f"borne_by:{person}", bears % {"name": name}) for person, name in parties]

    def _value(self, field: str, value: object) -> str | None:
        if value is None:
            return None
        say: Mapping[type, Callable[[object], str]] = {
            Money: self._money,
            Deed: lambda deed: deed.text if isinstance(deed, Deed) else "",
            date: self._day,
            Obligation: self._obligation,
            dict: self._late if field == "late" else self._costs,
            bool: lambda is_final: self._final(is_final=bool(is_final)),
        }
        if told := say.get(type(value)):
            return told(value)
        text = str(value)
        return dict(self.ways()).get(text, text) if field == "how" else self.names.get(text, text) or "—"

    def _money(self, money: object) -> str:
        assert isinstance(money, Money)
        return plain_money(money, self.pack, language_of(self.words.tag))

    def _day(self, day: object) -> str:
        assert isinstance(day, date)
        return chinese_date(day) if self.words.tag == "zh-CN" else english_date(day)

    def _obligation(self, one: object) -> str:
        assert isinstance(one, Obligation)
        what = self._value("what", one.what) or ""
        people = f"{self.names.get(one.payer, '')} → {self.names.get(one.payee, '')}"
        return " · ".join([people, what] + ([self._day(one.due)] if one.due else []))

    def _late(self, late: object) -> str:
        assert isinstance(late, dict)
        _ = self.words.gettext
        rate = f"{late['rate'] / 100:g}"
        said = [_("%(rate)s %% a year") % {"rate": rate}] if late["rate"] else []
        said += [_("the whole rest is due at once")] if late["whole_due"] else []
        return " · ".join(said) or "—"

    def _costs(self, costs: object) -> str:
        assert isinstance(costs, dict)
        bearer = costs.get("bearer", "")
        kind = f"borne_by:{bearer}" if costs["kind"] == "borne_by" else costs["kind"]
        return dict(self.costs([(bearer, self.names.get(bearer, ""))])).get(kind, kind)

    def _final(self, *, is_final: bool) -> str:
        _ = self.words.gettext
        return _("Nobody has further claims.") if is_final else _("Further claims stay open.")
