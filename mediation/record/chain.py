"""The chain: the canonical form of an entry, its digest and its hash.

An entry's hash covers everything but the content, which it covers by a salted digest: content can vanish from view and from
disk while the chain still verifies. It is made of two steps, so that one line can be shown with no more than a digest of the
others. Written down for others in docs/record.md.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

VERSION = 2
FIRST = "0" * 64
"""`prev` of the first entry of a channel."""

_LARGEST = 2**53 - 1


def canonical(value: object) -> bytes:
    """The JSON of `value` by RFC 8785: keys sorted by UTF-16 unit, no white space, UTF-8.

    Takes objects with string keys, lists, strings, whole numbers below 2^53, booleans and null. Raises `ValueError` for anything
    else: a float never enters the record.
    """
    return json.dumps(_checked(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def digest(salt: bytes, body: Mapping[str, Any]) -> str:
    """The salted SHA-256 (hex) of a content."""
    return hashlib.sha256(b"mediation:content:1\n" + salt + canonical(body)).hexdigest()


def facts_digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of an entry's facts: channel, seq, id, kind, actor, at, public, digest, client_id and version."""
    return hashlib.sha256(b"mediation:facts:2\n" + canonical(facts)).hexdigest()


def entry_hash(prev: str, facts: str) -> str:
    """The hash of an entry: of the one before it and of the digest of its own facts."""
    return hashlib.sha256(f"mediation:entry:2\n{prev}\n{facts}".encode()).hexdigest()


def _checked(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int() if -_LARGEST <= value <= _LARGEST:
            return value
        case list() | tuple():
            return [_checked(item) for item in value]
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key of the record is not a string")
            return {
                key: _checked(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))
            }
    raise ValueError(f"{type(value).__name__} cannot enter the record")
