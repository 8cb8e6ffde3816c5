"""What tables must hold because entries say so: the rows that follow from the record, held against the rows that are there.

Part of the verifier, so it shares no code with the writer. A row that was changed, removed, added or exchanged for another differs from
what the entries say, and is named with the entry that says it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mediation.record.reading import Reading, Row

NULL, SET = object(), object()
"""A column that must be empty, or must hold something (a time that no entry repeats)."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with its content where that is there and not walled, and the case and room of its channel."""

    row: Row
    public: Mapping[str, Any]
    body: Mapping[str, Any] | None
    case: str | None
    room: str | None

    @property
    def where(self) -> str:
        return (
            f"channel {self.row['channel']}, entry {self.row['seq']} ({self.row['id']}, {self.row['kind']})"
        )


@dataclass(slots=True)
class Wanted:
    """A row as the entries have it; `says` pairs each column with its value and the entry that gave it."""

    by: Told
    says: dict[str, tuple[Any, Told]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Near:
    """The time of an entry: a row made with it may say a moment less, for the times of entries always rise."""

    at: str


Key = tuple[str, ...]
Expected = dict[Key, Wanted]


@dataclass(frozen=True, slots=True)
class Bound:
    """A table whose rows follow from entries. `acts` says for each kind of entry which columns it sets, and from where.

    A source is `public.x`, `body.x`, `=actor`, `=channel`, `=seq`, `=at`, `=case`, `=room`, or a plain value; a content that is gone sets nothing.
    A column with a plus is set only by the entry that makes the row. Only the kinds in `made_by` make a row, the others change one.
    """

    table: str
    named: str
    key: Mapping[str, str]
    made_by: frozenset[str]
    acts: Mapping[str, Mapping[str, object]]

    def expected(self, book: Iterable[Told]) -> Expected:
        found: Expected = {}
        for told in book:
            sources = self.acts.get(told.row["kind"])
            if sources is None:
                continue
            key = tuple(str(value_of(source, told)) for source in self.key.values())
            is_new = key not in found and told.row["kind"] in self.made_by
            if is_new:
                found[key] = Wanted(told)
            if key in found:
                found[key].says |= {
                    column.removeprefix("+"): (value_of(source, told), told)
                    for column, source in sources.items()
                    if not (told.body is None and str(source).startswith("body."))
                    and (is_new or column[:1] != "+")
                }
        return found


def read_book(database: Reading, kinds: Iterable[str]) -> list[Told]:
    """The entries of these kinds in the order in which they were made."""
    marks = ", ".join(f"'{kind}'" for kind in sorted(set(kinds)))
    query = (
        "SELECT e.id, e.channel, e.seq, e.kind, e.actor, e.at, e.public, t.body, t.sealed, r.id AS room, r.case_id "  # noqa: S608
        "FROM entries e LEFT JOIN contents t ON t.entry = e.id LEFT JOIN channels c ON c.id = e.channel "
        f"LEFT JOIN rooms r ON r.id = c.room_id WHERE e.kind IN ({marks}) ORDER BY e.at"
    )
    return [told for row in database.rows(query) if (told := _told(row))]


def _told(row: Row) -> Told | None:
    try:
        public = json.loads(row["public"])
        body = None if row["body"] is None or row["sealed"] else json.loads(row["body"])
    except ValueError:
        return None  # the chain has named it already
    return Told(row, public, body, row["case_id"], row["room"])


def value_of(source: object, told: Told) -> object:
    if not isinstance(source, str):
        return source
    place, _, name = source.partition(".")
    match place:
        case "public" if name:
            return told.public.get(name)
        case "body" if name:
            return (told.body or {}).get(name)
        case "=at":
            return Near(told.row["at"])
        case "=actor" | "=channel" | "=seq":
            return told.row[place[1:]]
        case "=case":
            return told.case
        case "=room":
            return told.room
    return source


def compare(
    database: Reading,
    table: str,
    named: str,
    columns: Iterable[str],
    expected: Expected,
    *,
    also: Callable[[Row], bool] = lambda _row: False,
) -> Iterator[str]:
    """Every row that is not as the entries have it; `also` says of a row that nobody expects whether something else justifies it."""
    keys = list(columns)
    missing = dict(expected)
    for row in list(database.rows(f'SELECT * FROM "{table}" ORDER BY {", ".join(keys)}')):  # noqa: S608
        key = tuple(str(row[column]) for column in keys)
        name = f"{named} {' / '.join(key)}"
        wanted = expected.get(key)
        missing.pop(key, None)
        if wanted is None:
            if not also(row):
                yield f"{name} was added or exchanged: no entry made it."
            continue
        for column, (value, told) in wanted.says.items():
            if not _same(row[column], value):
                yield f"{name} was altered: its {column} is not what {told.where} says."
    for key, wanted in missing.items():
        yield f"{wanted.by.where}: {named} {' / '.join(key)} that it made is missing."


def _same(held: object, said: object) -> bool:
    if said is NULL:
        return held is None
    if said is SET:
        return held is not None
    if isinstance(said, Near):
        return is_near(held, said.at)
    if held is None or said is None:
        return held is None and said is None
    return str(held) == str(said) or _moment(held) == _moment(said) is not None


def is_near(held: object, at: str) -> bool:
    """Whether a row's time is that of its entry."""
    one, other = _moment(held), _moment(at)
    return one is not None and other is not None and abs(one - other) < timedelta(seconds=2)


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
