"""Seals: the heads of all channels, signed by the installation's key; a chain cannot see its own missing end, a seal can.

Made daily and with every agreement. Each is a line of `seals.jsonl` in the data folder: the time, the heads, their salted Merkle root
and its Ed25519 signature. The root reveals nothing of a channel, so it can be given to anybody.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.clock import iso
from mediation.record.entry import entries
from mediation.work import Work

if TYPE_CHECKING:
    from mediation.store import Store

FILE = "seals.jsonl"
DAILY = timedelta(days=1)
Head = tuple[str, int, str]


def seal_heads(store: "Store", payload: Mapping[str, Any]) -> None:
    """The job: signs the heads as they are now and leaves the next daily one behind."""
    heads = store.read(all_heads).result()
    now = iso(store.writer.clock())
    salt = secrets.token_bytes(16)
    root = merkle_root(salt, heads)
    line = {
        "at": now,
        "salt": salt.hex(),
        "root": root.hex(),
        "signature": store.keys.sign(signed_seal(now, root)).hex(),
        "key": store.keys.public_key.hex(),
        "heads": {channel: [seq, hashed] for channel, seq, hashed in heads},
    }
    with (store.settings.data / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if payload.get("daily"):
        store.write(plan_seal, daily=True).result()


def plan_seal(work: Work, *, daily: bool = False) -> None:
    """Leaves a seal to be made: at once, or the daily one, once for each day."""
    day = (work.now + DAILY).date().isoformat()
    if daily:
        work.later("seal", {"daily": True}, run_at=work.now + DAILY, key=f"seal:{day}")
    else:
        work.later("seal", {})


def all_heads(session: Session) -> list[Head]:
    """Channel, seq and hash of the last entry of every channel, in the order of their ids."""
    last = (
        select(entries.c.channel, func.max(entries.c.seq).label("seq")).group_by(entries.c.channel).subquery()
    )
    query = select(entries.c.channel, entries.c.seq, entries.c.hash).join(
        last, (entries.c.channel == last.c.channel) & (entries.c.seq == last.c.seq)
    )
    # Sorted here: databases differ in the order of letters, and the root depends on it.
    return sorted((row.channel, row.seq, row.hash) for row in session.execute(query))


def merkle_root(salt: bytes, heads: Sequence[Head]) -> bytes:
    """The root over salted leaves, as in RFC 6962 (0x00 before a leaf, 0x01 before a pair; an odd last one goes up as it is)."""
    level = [
        hashlib.sha256(b"\x00" + salt + f"{channel}\n{seq}\n{hashed}".encode()).digest()
        for channel, seq, hashed in heads
    ]
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [
            pair[0] if len(pair) == 1 else hashlib.sha256(b"\x01" + b"".join(pair)).digest() for pair in pairs
        ]
    return level[0] if level else hashlib.sha256(b"").digest()


def signed_seal(at: str, root: bytes) -> bytes:
    """What the key signs."""
    return b"mediation:seal:1\n" + at.encode() + b"\n" + root
