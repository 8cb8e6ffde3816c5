"""Files that are encrypted at rest: frames of 64 KiB, each readable by itself.

A sealed file is `MED1`, 16 random bytes, then frames. The file's own key comes from the channel's key and the random bytes, so
that a frame's number can be its nonce. What each frame is bound to (the head, its number, whether it is the last one) makes
frames that were swapped, cut off or put together from two files unreadable.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FRAME = 64 * 1024
TAG = 16
MAGIC = b"MED1"
HEAD = len(MAGIC) + 16


def derive(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """A key for one purpose, from which neither `key` nor a key for another purpose can be found."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"mediation/" + purpose).derive(key)


def seal_frames(chunks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """The sealed form of a stream; an empty stream has one empty frame."""
    head = MAGIC + os.urandom(HEAD - len(MAGIC))
    cipher = AESGCM(derive(key, head, b"blob"))
    yield head
    number, waiting = 0, bytearray()
    for chunk in chunks:
        waiting += chunk
        # A full frame waits for a byte more: only then is it known not to be the last one.
        while len(waiting) > FRAME:
            yield cipher.encrypt(_nonce(number), bytes(waiting[:FRAME]), _bound(head, number, last=False))
            del waiting[:FRAME]
            number += 1
    yield cipher.encrypt(_nonce(number), bytes(waiting), _bound(head, number, last=True))


class SealedFile:
    """Reads a sealed file from any position, a frame at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._file: BinaryIO = path.open("rb")
        self._head = self._file.read(HEAD)
        if len(self._head) != HEAD or not self._head.startswith(MAGIC):
            self._file.close()
            raise ValueError("not a sealed file")
        self._cipher = AESGCM(derive(key, self._head, b"blob"))
        body = os.fstat(self._file.fileno()).st_size - HEAD
        self._frames = max(1, -(-body // (FRAME + TAG)))
        self.size = body - self._frames * TAG

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in pieces of at most a frame."""
        stop = min(stop, self.size)
        while start < stop:
            number, within = divmod(start, FRAME)
            piece = self._frame(number)[within : within + stop - start]
            yield piece
            start += len(piece)

    def check(self) -> None:
        """Raises `InvalidTag` when the end is not the end that was written; `read` finds any other damage where it is."""
        self._frame(self._frames - 1)

    def close(self) -> None:
        self._file.close()

    def _frame(self, number: int) -> bytes:
        self._file.seek(HEAD + number * (FRAME + TAG))
        sealed = self._file.read(FRAME + TAG)
        last = number == self._frames - 1
        return self._cipher.decrypt(_nonce(number), sealed, _bound(self._head, number, last=last))


def veil(data: bytes, *, offset: int, key: bytes) -> bytes:
    """Encrypt or decrypt a piece of a file that still grows, at its place in it.

    A key stream in place of frames, because an upload goes on at any byte; whether the whole is right is found when it is sealed.
    """
    block, skip = divmod(offset, 16)
    stream = Cipher(AES(key), CTR(block.to_bytes(16, "big"))).encryptor()
    stream.update(bytes(skip))
    return stream.update(data)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(head: bytes, number: int, *, last: bool) -> bytes:
    return head + number.to_bytes(8, "big") + (b"\x01" if last else b"\x00")
