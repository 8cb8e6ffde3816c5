"""The verifier: reads the database by itself and says whether the record is whole, or names the entry where it is not.

It shares no code with the writer, so that an error there cannot hide itself here: the canonical form and the hashes are computed
anew from what is on disk (RFC 8785 for the values the record takes: strings, whole numbers, lists and objects).
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mediation.record.absent import erased_in
from mediation.record.bound import faults_of_tables
from mediation.record.kept import faults_of_files, faults_of_recordings
from mediation.record.reading import Reading, Row, Unreadable, reading
from mediation.record.rows import faults_of_rows
from mediation.record.stamped import HEAD, faults_of_sealed_list, faults_of_stamps, waiting

VERSION = 2
COLUMNS = "id, channel, seq, kind, actor, at, public, digest, client_id, version, prev, hash"


def verify(data: Path, *, say: Callable[[str], None], database: str = "", ca: str = "") -> int:
    """Checks every channel of a data folder (of the PostgreSQL with this URL, if one is named); the exit status is 0 when all is whole and 1 when it is not.

    `ca` is a PEM file with those who may vouch for the time-stamping service.
    """
    try:
        with reading(data, database) as record:
            found = [*faults(record, data), *faults_of_stamps(data, ca)]
            still = waiting(record)
            total = next(
                record.rows("SELECT count(DISTINCT channel) AS channels, count(*) AS entries FROM entries")
            )
    except Unreadable as error:
        say(str(error))
        return 1
    for fault in found:
        say(fault)
    if still:
        say(still)
    if not found:
        say(f"Whole: {total['entries']} entries in {total['channels']} channels.")
    return 1 if found else 0


def faults(database: Reading, data: Path) -> Iterator[str]:
    """Everything that is not as it was written, chains first."""
    keys = _channel_keys(database, data)
    for channel in sorted(row["channel"] for row in database.rows("SELECT DISTINCT channel FROM entries")):
        yield from _faults_of(database, channel, keys.get(channel))
    yield from _seals(database, data)
    yield from _lost_contents(database)
    yield from faults_of_rows(database)
    yield from faults_of_tables(database)
    yield from faults_of_files(database, data)
    yield from faults_of_recordings(database, data)


def _faults_of(database: Reading, channel: str, key: bytes | None) -> Iterator[str]:
    """The first break of one channel's chain, and every content that is not what its entry says."""
    prev, seq = "0" * 64, 0
    erased = erased_in(database, channel)
    query = f"SELECT {COLUMNS} FROM entries WHERE channel = ? ORDER BY seq"  # noqa: S608
    for row in database.rows(query, channel):
        where = f"channel {channel}, entry {row['seq']} ({row['id']}, {row['kind']})"
        if row["seq"] != seq + 1:
            yield f"{where}: entries {seq + 1} to {row['seq'] - 1} are missing before it."
            return
        if row["prev"] != prev:
            yield f"{where}: it does not follow the entry before it."
            return
        if row["version"] != VERSION:
            yield f"{where}: it was written in version {row['version']} of the record, which this verifier does not read."
            return
        if _hash_of(row) != row["hash"]:
            yield f"{where}: it was altered."
            return
        if fault := _content_fault(database, row, key, erased=row["seq"] in erased):
            yield f"{where}: {fault}"
        prev, seq = row["hash"], row["seq"]


def _hash_of(row: Row) -> str:
    facts = {name: row[name] for name in COLUMNS.split(", ") if name not in {"prev", "hash"}}
    try:
        facts["public"] = json.loads(row["public"])
    except ValueError:
        return ""
    inner = hashlib.sha256(b"mediation:facts:2\n" + _canonical(facts)).hexdigest()
    return hashlib.sha256(f"mediation:entry:2\n{row['prev']}\n{inner}".encode()).hexdigest()


def _content_fault(database: Reading, row: Row, key: bytes | None, *, erased: bool) -> str:
    content = next(database.rows("SELECT salt, body, sealed FROM contents WHERE entry = ?", row["id"]), None)
    if content is None:
        return "" if erased else "its content is missing, and no entry says that it was erased."
    if erased:
        return "it was erased, and can be read again."
    body = content["body"]
    if content["sealed"]:
        if key is None:
            return "the key of its channel is missing."
        try:
            body = AESGCM(key).decrypt(body[:12], body[12:], row["id"].encode())
        except InvalidTag:
            return "its content was altered."
    try:
        plain = _canonical(json.loads(body))
    except ValueError:
        return "its content was altered."
    digest = hashlib.sha256(b"mediation:content:1\n" + content["salt"] + plain).hexdigest()
    return "" if digest == row["digest"] else "its content was altered."


def _lost_contents(database: Reading) -> Iterator[str]:
    """Contents that belong to no entry."""
    query = "SELECT c.entry FROM contents c LEFT JOIN entries e ON e.id = c.entry WHERE e.id IS NULL ORDER BY c.entry"
    for row in database.rows(query):
        yield f"the content {row['entry']} was added: there is no such entry."


def _channel_keys(database: Reading, data: Path) -> dict[str, bytes]:
    file = data / "keys" / "master.key"
    if not file.exists():
        return {}
    master = AESGCM(file.read_bytes())
    keys = {}
    for row in database.rows("SELECT id, key_wrapped FROM channels WHERE key_wrapped IS NOT NULL"):
        channel, wrapped = row["id"], row["key_wrapped"]
        try:
            keys[channel] = master.decrypt(wrapped[:12], wrapped[12:], f"channel:{channel}".encode())
        except InvalidTag:
            continue
    return keys


def _seals(database: Reading, data: Path) -> Iterator[str]:
    """Sealed heads that are no longer in their chain: the end of a chain was cut off or written anew."""
    file = data / "seals.jsonl"
    if not file.exists():
        return
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            seal = json.loads(line)
            heads = sorted((channel, seq, head) for channel, (seq, head) in seal["heads"].items())
            signed = (
                b"mediation:seal:1\n"
                + seal["at"].encode()
                + b"\n"
                + _root(bytes.fromhex(seal["salt"]), heads)
            )
            _seal_key(data).verify(bytes.fromhex(seal["signature"]), signed)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
            yield f"Seal {number} of {file.name} was altered."
            continue
        for channel, seq, head in heads:
            if channel == HEAD:
                yield from faults_of_sealed_list(data, seq, head, seal["at"])
                continue
            if channel.startswith("marks:"):
                yield from _sealed_marks(database, channel, seq, head, seal["at"])
                continue
            found = database.rows("SELECT hash FROM entries WHERE channel = ? AND seq = ?", channel, seq)
            if [row["hash"] for row in found] != [head]:
                yield f"channel {channel}, entry {seq}: it was sealed on {seal['at']} and is no longer there as it was."


def _sealed_marks(database: Reading, name: str, seq: int, digest: str, at: str) -> Iterator[str]:
    """How far somebody had read, and when, as it was when it was sealed."""
    _, channel, person = name.split(":")
    query = "SELECT seq, at FROM read_marks WHERE channel_id = ? AND person_id = ? AND seq <= ? ORDER BY seq"
    seen = [[row["seq"], row["at"]] for row in database.rows(query, channel, person, seq)]
    if hashlib.sha256(_canonical(seen)).hexdigest() != digest:
        yield f"the read mark {channel} / {person} was altered: it was sealed on {at} and is no longer as it was."


def _root(salt: bytes, heads: list[tuple[str, int, str]]) -> bytes:
    """The Merkle root over the heads (RFC 6962, 2.1, with salted leaves), computed from its definition."""
    if not heads:
        return hashlib.sha256(b"").digest()
    if len(heads) == 1:
        channel, seq, head = heads[0]
        return hashlib.sha256(b"\x00" + salt + f"{channel}\n{seq}\n{head}".encode()).digest()
    half = 1 << (len(heads) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(salt, heads[:half]) + _root(salt, heads[half:])).digest()


def _seal_key(data: Path) -> Ed25519PublicKey:
    return Ed25519PrivateKey.from_private_bytes((data / "keys" / "seal.key").read_bytes()).public_key()


def _canonical(value: Any) -> bytes:
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))
        }
    return [_sorted(each) for each in value] if isinstance(value, list) else value
