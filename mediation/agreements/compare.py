"""What changed between two versions: the words, and the terms field by field."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from mediation.agreements.terms import Money, Obligation, Terms, terms_data

# A number with its separators is one word, so that 80,000 -> 86,000 is never shown as a changed digit; Chinese goes by character.
TOKEN = re.compile(r"\d[\d,.]*\d|\d|[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*|\s+|.", re.DOTALL)
SHORTEST_SAME = 3


class Piece(msgspec.Struct, frozen=True):
    """A run of the text: in both versions, only in the older, or only in the newer."""

    kind: Literal["same", "removed", "added"]
    text: str


class Change(msgspec.Struct, frozen=True):
    """A changed field. `number` counts obligations as the newer version does (the older, for one that was removed)."""

    kind: Literal["changed", "added", "removed"]
    field: str
    before: object
    after: object
    number: int | None = None


class Comparison(msgspec.Struct, frozen=True):
    pieces: tuple[Piece, ...]
    changes: tuple[Change, ...]


def compare(old: Terms, new: Terms, *, old_text: str, new_text: str) -> Comparison:
    return Comparison(compare_text(old_text, new_text), compare_terms(old, new))


def compare_text(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces in reading order; joined without the added ones they are the old text, without the removed ones the new."""
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    pieces: list[Piece] = []
    for op, a1, a2, b1, b2 in _readable(
        SequenceMatcher(None, before, after, autojunk=False).get_opcodes(), before
    ):
        if op == "same":
            pieces.append(Piece("same", "".join(before[a1:a2])))
            continue
        if a2 > a1:
            pieces.append(Piece("removed", "".join(before[a1:a2])))
        if b2 > b1:
            pieces.append(Piece("added", "".join(after[b1:b2])))
    return tuple(pieces)


Op = tuple[str, int, int, int, int]


def _readable(ops: Sequence[Op], before: list[str]) -> list[Op]:
    """Swallow islands of one or two signs between two changes: a reader sees one change, not confetti."""
    joined: list[Op] = []
    for n, (op, a1, a2, b1, b2) in enumerate(ops):
        island = op == "equal" and 0 < n < len(ops) - 1 and _is_island(before[a1:a2])
        kind = "same" if op == "equal" and not island else "changed"
        if joined and joined[-1][0] == kind:
            _, start_a, _, start_b, _ = joined[-1]
            joined[-1] = (kind, start_a, a2, start_b, b2)
        else:
            joined.append((kind, a1, a2, b1, b2))
    return joined


def _is_island(tokens: list[str]) -> bool:
    run = "".join(tokens)
    return len(run.strip()) < SHORTEST_SAME and "\n" not in run


def compare_terms(old: Terms, new: Terms) -> tuple[Change, ...]:
    """Obligation by obligation, then the rest; nothing is listed that stayed the same."""
    changes: list[Change] = []
    matcher = SequenceMatcher(None, old.obligations, new.obligations, autojunk=False)
    for op, a1, a2, b1, b2 in matcher.get_opcodes():
        if op != "equal":
            changes += _obligations(old.obligations[a1:a2], new.obligations[b1:b2], a1, b1)
    before, after = terms_data(old), terms_data(new)
    for field in ("late", "costs", "final"):
        if before[field] != after[field]:
            changes.append(Change("changed", field, before[field], after[field]))
    return (*changes, *_clauses(old.clauses, new.clauses))


def _obligations(old: tuple[Obligation, ...], new: tuple[Obligation, ...], a: int, b: int) -> list[Change]:
    changes: list[Change] = []
    for n, (one, other) in enumerate(zip(old, new, strict=False)):
        changes += _fields(one, other, b + n + 1)
    both = min(len(old), len(new))
    changes += [
        Change("removed", "obligation", gone, None, a + both + n) for n, gone in enumerate(old[both:], 1)
    ]
    changes += [
        Change("added", "obligation", None, come, b + both + n) for n, come in enumerate(new[both:], 1)
    ]
    return changes


def _fields(old: Obligation, new: Obligation, number: int) -> list[Change]:
    """Money that stays in its currency is compared as an amount; anything else as what is to be done."""
    changes: list[Change] = []
    for field in ("payer", "payee", "what", "due", "how", "account"):
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if isinstance(before, Money) and isinstance(after, Money) and before.currency == after.currency:
            field = "amount"
        changes.append(Change("changed", field, before, after, number))
    return changes


def _clauses(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Change, ...]:
    changes: list[Change] = []
    for op, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        pairs = list(zip(old[a1:a2], new[b1:b2], strict=False))
        changes += [Change("changed", "clause", before, after) for before, after in pairs]
        changes += [Change("removed", "clause", gone, None) for gone in old[a1 + len(pairs) : a2]]
        changes += [Change("added", "clause", None, come) for come in new[b1 + len(pairs) : b2]]
    return tuple(changes)
