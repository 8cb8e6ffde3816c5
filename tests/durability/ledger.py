"""The ledger loop: senders who never give up, an outside ledger of everything that was acknowledged, and a checker that reads both.

What the checker asks (nothing more is promised, nothing less): what was acknowledged is stored, once; a channel counts 1, 2, 3 without a
gap; each sender's items stand in the order in which they were sent; what somebody saw is what is there.
"""

import asyncio
import contextlib
import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

BREAKS = 0.1
"""How often somebody's own line breaks amid what they send."""


class Lost(Exception):
    """No answer: the line or the server is gone, and nobody knows whether it was done."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was said or sent: by whom, as their how-manieth, under which key, with which content."""

    sender: str
    number: int
    key: str
    digest: str
    ordered: bool = True
    """Whether the sender waited for nobody in sending it at this place."""


@dataclass(frozen=True, slots=True)
class Acked:
    """An item with the answer it got."""

    item: Item
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a channel holds at one place."""

    seq: int
    sender: str
    key: str | None
    digest: str
    hash: str


class Line(Protocol):
    """A way to the server that can break; `send` gives seq and hash, or raises `Lost`."""

    async def send(self, key: str, text: str) -> tuple[int, str]: ...

    async def mend(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class Ledger:
    """What was acknowledged, kept outside the server, and what readers have seen pass by."""

    acked: list[Acked] = field(default_factory=list)
    seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    retries: int = 0
    over: bool = False

    def note(self, item: Item, seq: int, hashed: str) -> None:
        self.acked.append(Acked(item, seq, hashed))

    def notice(self, reader: str, seq: int, hashed: str) -> None:
        """A reader saw this, at this moment."""
        self.seen.setdefault(reader, []).append((seq, hashed))


def digest_of(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


async def keep_talking(ledger: Ledger, line: Line, sender: str, *, twice: int = 7) -> None:
    """Says one thing after the other until the ledger is over; each is sent again, under its key, until it is acknowledged.

    Every `twice`-th is sent once more although it was acknowledged: the answer has to be the same.
    """
    number = 0
    while not ledger.over:
        number += 1
        text = f"{sender} says {number}"
        item = Item(sender, number, f"{sender}-{number}", digest_of(text))
        ledger.note(item, *await until_acked(ledger, line, item.key, text))
        if number % twice == 0:
            ledger.note(item, *await until_acked(ledger, line, item.key, text))


async def keep_rattling(ledger: Ledger, line: Line, sender: str, *, at_once: int = 5) -> None:
    """Says several things without waiting for an answer; what got none is sent again, in the same order."""
    number = 0
    while not ledger.over:
        burst = [_item(sender, number + place) for place in range(1, at_once + 1)]
        number += at_once
        while burst:
            burst = await _send_all(ledger, line, burst)


async def keep_babbling(
    ledger: Ledger, line: Line, sender: str, dice: random.Random, *, at_once: int = 5
) -> None:
    """Sends everything one to three times and shuffled, and now and then breaks its own line amid it."""
    number = 0
    while not ledger.over:
        burst = [_item(sender, number + place, ordered=False) for place in range(1, at_once + 1)]
        number += at_once
        while burst:
            repeated = [item for item in burst for _ in range(dice.randint(1, 3))]
            dice.shuffle(repeated)
            breaks = asyncio.create_task(line.close()) if dice.random() < BREAKS else None
            missing = await _send_all(ledger, line, repeated)
            burst = [item for item in burst if item in missing]
            if breaks is not None:
                await breaks


def _item(sender: str, number: int, *, ordered: bool = True) -> Item:
    return Item(sender, number, f"{sender}-{number}", digest_of(f"{sender} says {number}"), ordered)


async def _send_all(ledger: Ledger, line: Line, items: Sequence[Item]) -> list[Item]:
    """Sends all at once; gives those back that got no answer, after mending the line."""
    sent = (line.send(item.key, f"{item.sender} says {item.number}") for item in items)
    answers = await asyncio.gather(*sent, return_exceptions=True)
    acked = set()
    for item, answer in zip(items, answers, strict=True):
        if isinstance(answer, Lost):
            ledger.retries += 1
        elif isinstance(answer, BaseException):
            raise answer
        else:
            ledger.note(item, *answer)
            acked.add(item)
    missing = [item for item in items if item not in acked]
    if missing:
        await line.mend()
    return missing


async def until_acked(ledger: Ledger, line: Line, key: str, text: str) -> tuple[int, str]:
    while True:
        with contextlib.suppress(Lost):
            return await line.send(key, text)
        ledger.retries += 1
        await line.mend()
        await asyncio.sleep(0)


def faults(ledger: Ledger, stored: Sequence[Kept]) -> list[str]:
    """Everything that is not as promised; nothing, when all is."""
    return [
        *_lost(ledger.acked, stored),
        *_doubled(ledger.acked, stored),
        *_gaps(stored),
        *_disordered(ledger.acked, stored),
        *_seen_otherwise(ledger, stored),
    ]


def _lost(acked: Iterable[Acked], stored: Sequence[Kept]) -> Iterable[str]:
    by_key = {(each.sender, each.key): each for each in stored}
    for each in acked:
        item, kept = each.item, by_key.get((each.item.sender, each.item.key))
        if kept is None:
            yield f"lost: {item.key} was acknowledged as {each.seq}"
        elif (kept.digest, kept.seq, kept.hash) != (item.digest, each.seq, each.hash):
            yield f"changed: {item.key} was acknowledged as {each.seq}, and stands as {kept.seq}"


def _doubled(acked: Iterable[Acked], stored: Sequence[Kept]) -> Iterable[str]:
    keys = Counter((each.sender, each.key) for each in stored if each.key is not None)
    yield from (f"doubled: {key} is there {count} times" for (_, key), count in keys.items() if count > 1)
    sent = {each.item.digest for each in acked}
    digests = Counter(each.digest for each in stored if each.digest in sent)
    yield from (f"doubled: a content is there {count} times" for count in digests.values() if count > 1)


def _gaps(stored: Sequence[Kept]) -> Iterable[str]:
    seqs = [each.seq for each in stored]
    if seqs != list(range(1, len(seqs) + 1)):
        yield f"gaps: the channel counts {seqs[:20]} …"


def _disordered(acked: Iterable[Acked], stored: Sequence[Kept]) -> Iterable[str]:
    place = {(each.sender, each.key): each.seq for each in stored}
    last: dict[str, tuple[int, str]] = {}
    for item in sorted(
        {each.item for each in acked if each.item.ordered}, key=lambda item: (item.sender, item.number)
    ):
        seq = place.get((item.sender, item.key))
        if seq is None:
            continue
        before, key = last.get(item.sender, (0, ""))
        if seq < before:
            yield f"disordered: {item.key} stands before {key}"
        last[item.sender] = (seq, item.key)


def _seen_otherwise(ledger: Ledger, stored: Sequence[Kept]) -> Iterable[str]:
    there = {each.seq: each.hash for each in stored}
    for reader, seen in ledger.seen.items():
        yield from (
            f"seen otherwise: {reader} saw another entry {seq}"
            for seq, hashed in seen
            if there.get(seq) != hashed
        )
