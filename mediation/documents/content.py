"""The bytes of a file that is being looked at, wherever they lie and however they are sealed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

PIECE = 256 * 1024


@dataclass(frozen=True)
class Content:
    """`reader(start, stop)` gives the plain bytes between two positions."""

    size: int
    reader: Callable[[int, int], Iterator[bytes]]

    def piece(self, start: int, stop: int) -> bytes:
        """A short stretch, as one string of bytes; less when the file ends before."""
        return b"".join(self.reader(max(0, start), min(stop, self.size)))

    def all(self) -> Iterator[bytes]:
        return self.reader(0, self.size)

    @classmethod
    def of(cls, data: bytes) -> "Content":
        """The content that is already in memory."""
        return cls(len(data), lambda start, stop: iter([data[start:stop]]))
