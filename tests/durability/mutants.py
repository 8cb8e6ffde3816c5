"""Servers that break one promise each, beside one that keeps them all: the checker must tell them apart.

They live in memory. `disk` is what a kill leaves; everything else is gone with the process.
"""

import asyncio
import random
from dataclasses import dataclass, field

from tests.durability.ledger import Kept, Ledger, Lost, digest_of


@dataclass(slots=True)
class HonestServer:
    """Writes, commits, then answers; a key that was seen gets the first answer. A kill can come at every `await`."""

    dice: random.Random
    disk: list[Kept] = field(default_factory=list)
    waiting: list[Kept] = field(default_factory=list)
    life: int = 0

    def kill(self) -> None:
        self.life += 1
        self.waiting.clear()

    async def post(self, sender: str, key: str, text: str) -> Kept:
        life = self.life
        await self.pause(life)
        kept = self.earlier(sender, key) or self.append(sender, key, text)
        self.commit()
        await self.pause(life)
        return kept

    def earlier(self, sender: str, key: str) -> Kept | None:
        return next(
            (each for each in self.disk + self.waiting if (each.sender, each.key) == (sender, key)), None
        )

    def append(self, sender: str, key: str, text: str) -> Kept:
        seq = len(self.disk) + len(self.waiting) + 1
        kept = Kept(seq, sender, key, digest_of(text), digest_of(f"{seq}:{key}"))
        self.waiting.append(kept)
        return kept

    def commit(self) -> None:
        self.disk += self.waiting
        self.waiting.clear()

    async def pause(self, life: int) -> None:
        """Anything may happen here; who asked an earlier life gets no answer."""
        for _ in range(self.dice.randrange(3)):
            await asyncio.sleep(0)
        if self.life != life:
            raise Lost


class AcksBeforeCommit(HonestServer):
    """Answers, and writes to the disk when it gets around to it."""

    def commit(self) -> None:
        if len(self.waiting) > 5:
            HonestServer.commit(self)


class ForgetsKeys(HonestServer):
    """Does again what was sent again."""

    def earlier(self, sender: str, key: str) -> Kept | None:
        return None


class ForgetsKeysQuietly(HonestServer):
    """Does again what was sent again, under a key of its own making."""

    def append(self, sender: str, key: str, text: str) -> Kept:
        again = sum(each.digest == digest_of(text) for each in self.disk)
        return HonestServer.append(self, sender, f"{key}#{again}" if again else key, text)

    def earlier(self, sender: str, key: str) -> Kept | None:
        return None


class KeepsNoOrder(HonestServer):
    """Numbers what it holds by the dice when it writes it down."""

    def commit(self) -> None:
        if len(self.waiting) > 5:
            self.dice.shuffle(self.waiting)
            numbers = range(len(self.disk) + 1, len(self.disk) + len(self.waiting) + 1)
            self.disk += [
                Kept(seq, each.sender, each.key, each.digest, each.hash)
                for seq, each in zip(numbers, self.waiting, strict=True)
            ]
            self.waiting.clear()


class LeavesGaps(HonestServer):
    """Counts what was never written."""

    def append(self, sender: str, key: str, text: str) -> Kept:
        kept = HonestServer.append(self, sender, key, text)
        seq = kept.seq + self.life
        self.waiting[-1] = Kept(seq, kept.sender, kept.key, kept.digest, kept.hash)
        return self.waiting[-1]


class ChangesWords(HonestServer):
    """Writes down something else than what was said."""

    def append(self, sender: str, key: str, text: str) -> Kept:
        return HonestServer.append(self, sender, key, text.replace("says 9", "denies 9"))


@dataclass(slots=True)
class MemoryLine:
    """A sender's way to one of these servers; notes what it reads on the way."""

    server: HonestServer
    ledger: Ledger
    sender: str

    async def send(self, key: str, text: str) -> tuple[int, str]:
        kept = await self.server.post(self.sender, key, text)
        self.ledger.notice(self.sender, kept.seq, kept.hash)
        return kept.seq, kept.hash

    async def mend(self) -> None:
        await asyncio.sleep(0)

    async def close(self) -> None:
        await asyncio.sleep(0)
