"""What somebody types into a search: its words, how an index is asked for them, and where they stand in a text."""

import re
from dataclasses import dataclass

from mediation.record.findable import LONGEST, PIECE, TOGETHER, fold, pairs

MOST_TERMS = 8
AROUND = 40
"""So many characters are shown before the first mark, and three times as many after it."""


@dataclass(frozen=True, slots=True)
class Query:
    """Terms as they are compared: a word, or Chinese characters that stand together. All of them have to be found."""

    terms: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, typed: str) -> "Query":
        """Reads what was typed; whatever is no word is left out."""
        found = PIECE.findall(fold(typed))
        terms = [(together, True) if together else (word[:LONGEST], False) for together, word in found]
        return cls(tuple(dict.fromkeys(terms))[:MOST_TERMS])

    def for_sqlite(self) -> str:
        """Built from tokens alone, each in quotes: no sign of the query language can be typed."""
        return " AND ".join(
            f'"{" ".join(pairs(term))}"' if together and len(term) > 1 else f'"{term}"*'
            for term, together in self.terms
        )

    def for_postgres(self) -> str:
        """The same for `to_tsquery`."""
        return " & ".join(
            "(" + " <-> ".join(f"'{pair}'" for pair in pairs(term)) + ")"
            if together and len(term) > 1
            else f"'{term}':*"
            for term, together in self.terms
        )

    def holds(self, text: str) -> bool:
        """Whether a text would be found."""
        return self.stands_in(fold(text))

    def stands_in(self, plain: str) -> bool:
        """The same for a text that was folded before."""
        return bool(self.terms) and all(
            re.search(_pattern(term, together), plain) for term, together in self.terms
        )

    def excerpt(self, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The text around the first place where a term stands, and all places in it, from where to where."""
        plain = fold(text)
        every = "|".join(_pattern(term, together) for term, together in self.terms)
        first = re.search(every, plain) if every else None
        start = max(0, first.start() - AROUND) if first else 0
        stop = start + 4 * AROUND
        marks = [match.span() for match in re.finditer(every, plain[start:stop])] if every else []
        return text[start:stop], tuple(span for span in marks if span[0] < span[1])


def _pattern(term: str, together: bool) -> str:
    """A word from its beginning, Chinese anywhere; nothing of it is a pattern that somebody typed."""
    return re.escape(term) if together else rf"(?<![^\W_{TOGETHER}]){re.escape(term)}"
