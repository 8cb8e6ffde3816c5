"""The installation's secrets: files of mode 0600 in the data folder, outside the database.

The master key wraps the keys of walled channels and makes the codes' MACs; the seal key signs roots and the manifests of bundles,
and is never used for anything else. Who copies the database alone can read no private word.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

NONCE = 12


def encrypt(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """AES-256-GCM: nonce and ciphertext; only `decrypt` with the same key and `bound_to` opens it."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """The plain bytes; raises `InvalidTag` when the bytes, the key or what they are bound to differ."""
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())


class Keys:
    """The secrets of one installation."""

    def __init__(self, master: bytes, seal: Ed25519PrivateKey) -> None:
        self._master = master
        self._seal = seal

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Reads the keys of this data folder, making them at the first start."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        master = _kept(folder / "master.key", lambda: secrets.token_bytes(32))
        seal = _kept(
            folder / "seal.key",
            lambda: Ed25519PrivateKey.generate().private_bytes(
                Encoding.Raw, PrivateFormat.Raw, NoEncryption()
            ),
        )
        return cls(master, Ed25519PrivateKey.from_private_bytes(seal))

    def new_channel_key(self, channel: str) -> bytes:
        """A new key for a walled channel, wrapped for the database."""
        return encrypt(self._master, secrets.token_bytes(32), f"channel:{channel}")

    def channel_key(self, channel: str, wrapped: bytes) -> bytes:
        """The key that `new_channel_key` wrapped."""
        return decrypt(self._master, wrapped, f"channel:{channel}")

    def mac(self, purpose: str, text: str) -> str:
        """A keyed digest (HMAC-SHA-256, hex) for codes and tokens: useless without the key file."""
        return hmac.new(self._master, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()

    def sign(self, message: bytes) -> bytes:
        """The installation's Ed25519 signature."""
        return self._seal.sign(message)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes with which anybody can check `sign`."""
        return self._seal.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    if file.exists():
        return file.read_bytes()
    secret = make()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secret)
        opened.flush()
        os.fsync(opened.fileno())
    return secret
