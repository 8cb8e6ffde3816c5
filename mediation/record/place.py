"""Where in a channel a time is: entries have no index by time, but their times rise with their seq."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.keys import Keys
from mediation.record.entry import Entry, entries, heads_of, read_entries


def entries_around(session: Session, keys: Keys, channel: str, at: str, *, limit: int = 50) -> list[Entry]:
    """Entries in rising order: about half of them from before a time, the others from then on; near the end the last ones.

    The caller has made sure that the reader may read the channel.
    """
    last = heads_of(session, [channel])[channel]
    first = min(first_since(session, channel, at) - limit // 2, last - limit + 1)
    return read_entries(session, keys, channel, after=max(0, first - 1), limit=limit)


def first_since(session: Session, channel: str, at: str) -> int:
    """The first seq from a time on, one after the last when there is none."""
    low, high = 1, heads_of(session, [channel])[channel] + 1
    while low < high:
        middle = (low + high) // 2
        when = select(entries.c.at).where(entries.c.channel == channel, entries.c.seq == middle)
        if str(session.execute(when).scalar_one()) < at:
            low = middle + 1
        else:
            high = middle
    return low
