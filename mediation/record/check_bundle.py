#!/usr/bin/env python3
"""Checks a bundle of a mediation's record, without a network and without the program that made it: python3 verify.py BUNDLE.zip

Needs Python 3.11 and the package `cryptography`. Says that the bundle is whole (exit status 0), or names the first thing in it that was
altered, removed, added or moved (1). With --key HEX it also holds the bundle's key against the one that the organisation publishes,
with --root HEX a root that came by mail. Written from docs/record.md alone; it imports nothing of the program.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

NOTHING = "0" * 64
MOST_FILES = 200_000
LARGEST_TEXT = 256 * 1024 * 1024
MOST_TEXT = 1024 * 1024 * 1024
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
MANIFEST, SIGNATURE, SEALS = "manifest.json", "manifest.sig", "seals.jsonl"


class Fault(Exception):
    """The first thing that is not as it was made, and why."""


@dataclass(slots=True)
class Chain:
    """A channel that was checked: the hash of each entry, and the facts of those that are shown."""

    id: str
    hashes: list[str] = field(default_factory=list)
    facts: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        return f"channels/{self.id}"


class Archive:
    """The ZIP file, read with care: nothing is ever unpacked to disk."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Fault(f"{path.name}: it is no ZIP file that can be read ({error}).") from error
        self.names: dict[str, zipfile.ZipInfo] = {}
        for one in self._zip.infolist():
            self._admit(one)
        packed = sum(one.compress_size for one in self.names.values())
        unpacked = sum(one.file_size for one in self.names.values() if one.compress_type)
        if packed > path.stat().st_size or unpacked > MOST_TEXT or len(self.names) > MOST_FILES:
            raise Fault(f"{path.name}: it unpacks to more than a bundle may.")

    def _admit(self, one: zipfile.ZipInfo) -> None:
        if not NAME.fullmatch(one.filename):
            raise Fault(f"{one.filename!r}: no file of a bundle has such a name.")
        if one.filename in self.names:
            raise Fault(f"{one.filename}: it is there twice.")
        large = one.compress_type and one.file_size > LARGEST_TEXT
        if large or one.flag_bits & 1 or one.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Fault(f"{one.filename}: it unpacks to more than it may, or cannot be read.")
        self.names[one.filename] = one

    def pieces(self, name: str) -> Iterator[bytes]:
        if name not in self.names:
            raise Fault(f"{name}: it is missing.")
        try:
            with self._zip.open(self.names[name]) as file:
                while piece := file.read(1 << 20):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise Fault(f"{name}: it was altered, it cannot be read ({error}).") from error

    def whole(self, name: str) -> bytes:
        if name in self.names and self.names[name].file_size > LARGEST_TEXT:
            raise Fault(f"{name}: it is larger than it may be.")
        return b"".join(self.pieces(name))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The objects of a .jsonl file."""
        data = self.whole(name)
        if data and not data.endswith(b"\n"):
            raise Fault(f"{name}: its end is missing.")
        return [read(line, f"{name}, line {n}") for n, line in enumerate(data.split(b"\n")[:-1], start=1)]

    def digest(self, name: str, domain: bytes = b"") -> str:
        hashed = hashlib.sha256(domain)
        for piece in self.pieces(name):
            hashed.update(piece)
        return hashed.hexdigest()


def check(bundle: Path, *, key: str = "", roots: Sequence[str] = ()) -> str:
    """Says in a sentence what was found whole; raises `Fault` at the first thing that is not."""
    archive = Archive(bundle)
    manifest = read(archive.whole(MANIFEST), MANIFEST)
    if manifest.get("format") != "mediation-bundle" or manifest.get("version") != 1:
        raise Fault(f"{MANIFEST}: this is no bundle that this verifier reads.")
    try:
        chains = [_channel(archive, told) for told in manifest["channels"]]
        _seals(archive, manifest, {chain.id: chain for chain in chains})
        stamps = _stamps(archive)
        _texts(archive)
        _files(archive, manifest)
        _signature(archive, manifest)
        found = (manifest["key"], manifest["made_at"], manifest["seals"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise Fault(f"{MANIFEST} or what it names was altered: {error!r}.") from error
    _outside(found[0], found[2], key.lower(), [root.lower() for root in roots])
    entries = sum(len(chain.hashes) for chain in chains)
    stamped = f" ({stamps} with a time stamp)" if stamps else ""
    return f"Whole: {entries} entries in {len(chains)} channels, {len(found[2])} seals{stamped}, made {found[1]} with key {found[0]}."


def _channel(archive: Archive, told: dict[str, Any]) -> Chain:
    chain = Chain(told["id"])
    entries = f"{chain.folder}/entries.jsonl"
    last_at = ""
    for line in archive.lines(entries):
        _entry(chain, line, f"{entries}, entry {len(chain.hashes) + 1}")
        facts = chain.facts.get(len(chain.hashes))
        if facts and facts["at"] <= last_at:
            raise Fault(f"{entries}, entry {len(chain.hashes)}: its time is not after the one before it.")
        last_at = facts["at"] if facts else last_at
    head = chain.hashes[-1] if chain.hashes else NOTHING
    _count(entries, "entry", told["entries"], len(chain.hashes), told["head"] == head)
    _contents(archive, chain)
    _marks(archive, chain, told)
    return chain


def _entry(chain: Chain, line: dict[str, Any], where: str) -> None:
    seq, prev = len(chain.hashes) + 1, chain.hashes[-1] if chain.hashes else NOTHING
    if "facts" in line:
        facts = line["facts"]
        if facts["seq"] != seq or facts["channel"] != chain.id:
            raise Fault(
                f"{where}: entry {facts['seq']} of {facts['channel']} stands here; one was removed, added or moved."
            )
        inner = sha(b"mediation:facts:2\n", canonical(facts))
        chain.facts[seq] = facts
    else:
        inner = line["facts_digest"]
    if line["hash"] != sha(b"mediation:entry:2\n", prev.encode(), b"\n", inner.encode()):
        raise Fault(f"{where}: it was altered, or does not follow the one before it.")
    if set(line) not in ({"facts", "hash"}, {"facts_digest", "hash"}):
        raise Fault(f"{where}: something was added to it.")
    chain.hashes.append(line["hash"])


def _contents(archive: Archive, chain: Chain) -> None:
    name = f"{chain.folder}/contents.jsonl"
    erased = {seq for by in chain.facts for seq in _erased_by(chain, by)}
    for seq, line in zip_longest(sorted(chain.facts), archive.lines(name)):
        if line is None or (seq is not None and line["seq"] > seq):
            raise Fault(f"{name}, entry {seq}: its content is missing.")
        if seq is None or line["seq"] < seq:
            raise Fault(f"{name}, entry {line['seq']}: its content was added or moved.")
        where = f"{name}, entry {seq}"
        if "gone" in line:
            _gone(chain, line, where)
            continue
        if seq in erased:
            raise Fault(f"{where}: it was erased, and is shown again.")
        salted = sha(b"mediation:content:1\n", bytes.fromhex(line["salt"]), canonical(line["body"]))
        if salted != chain.facts[seq]["digest"] or len(line) != 3:
            raise Fault(f"{where}: its content was altered.")
        for file in _named(line["body"]):
            _is_there(archive, file, where)


def _gone(chain: Chain, line: dict[str, Any], where: str) -> None:
    """What is not shown must have been taken back, or erased, by an entry that is shown."""
    later = [facts for seq, facts in chain.facts.items() if seq > line["seq"]]
    recalled = [
        one for one in later if one["kind"] == "message_recalled" and one["public"]["seq"] == line["seq"]
    ]
    by = line.get("by", 0)
    erased = line["seq"] in _erased_by(chain, by) and chain.facts[by]["public"]["rule"] == line["under"]
    expected = {"recalled": bool(recalled) and len(line) == 2, "erased": erased and len(line) == 4}
    if not expected.get(line["gone"]):
        raise Fault(f"{where}: its content was removed, and no entry says so.")


def _erased_by(chain: Chain, by: int) -> set[int]:
    """The entries before it whose contents this one says to be erased; an entry that says so is never erased itself."""
    facts = chain.facts.get(by)
    if facts is None or facts["kind"] != "content_erased":
        return set()
    before = (chain.facts.get(seq, {"kind": ""}) for seq in facts["public"]["seqs"] if seq < by)
    return {facts["seq"] for facts in before if facts["kind"] not in {"", "content_erased"}}


def _named(body: Any) -> Iterator[dict[str, Any]]:
    """The files that a content names, wherever in it."""
    if isinstance(body, dict) and {"name", "sha256", "size"} <= set(body):
        yield body
    for one in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _named(one)


def _is_there(archive: Archive, file: dict[str, Any], where: str) -> None:
    found = [name for name in archive.names if name.startswith(f"files/{file['sha256']}")]
    if not found:
        raise Fault(f"{where}: its file files/{file['sha256']} is missing.")
    if archive.digest(found[0]) != file["sha256"] or archive.names[found[0]].file_size != file["size"]:
        raise Fault(f"{found[0]}: the file was altered.")


def _marks(archive: Archive, chain: Chain, told: dict[str, Any]) -> None:
    name, before, count = f"{chain.folder}/marks.jsonl", NOTHING, 0
    for count, mark in enumerate(archive.lines(name), start=1):
        own = {part: mark[part] for part in ("person", "seq", "at")}
        if (
            mark["chain"] != sha(b"mediation:mark:1\n", before.encode(), b"\n", canonical(own))
            or len(mark) != 4
        ):
            raise Fault(
                f"{name}, mark {count}: it was altered, or one was removed, added or moved before it."
            )
        if not 0 < mark["seq"] <= len(chain.hashes):
            raise Fault(f"{name}, mark {count}: there is no entry {mark['seq']}.")
        before = mark["chain"]
    _count(name, "mark", told["marks"], count, told["last_mark"] == before)


def _count(name: str, what: str, told: int, found: int, same_end: bool) -> None:
    if found < told:
        raise Fault(f"{name}: {what} {found + 1} is missing.")
    if found > told or not same_end:
        raise Fault(f"{name}, {what} {min(told + 1, found)}: it was altered or added.")


def _seals(archive: Archive, manifest: dict[str, Any], chains: dict[str, Chain]) -> None:
    seals = archive.lines(SEALS)
    for n, (seal, root) in enumerate(zip_longest(seals, manifest["seals"]), start=1):
        where = f"{SEALS}, seal {n}"
        if seal is None:
            raise Fault(f"{where}: the one with the root {root} is missing.")
        try:
            signed = b"mediation:seal:1\n" + seal["at"].encode() + b"\n" + bytes.fromhex(seal["root"])
            _verify(manifest["key"], seal["signature"], signed)
            for channel, proof in seal["proofs"].items():
                _proof(chains[channel], proof, seal, where)
        except (KeyError, ValueError, TypeError, InvalidSignature) as error:
            raise Fault(f"{where}: it was altered.") from error
        if seal["root"] != root or (n > 1 and seal["at"] < seals[n - 2]["at"]):
            raise Fault(f"{where}: one was removed, added or moved.")
    ends = {chain.id: (len(chain.hashes), chain.hashes[-1]) for chain in chains.values() if chain.hashes}
    last: dict[str, Any] = seals[-1] if seals else {"proofs": {}, "at": ""}
    if {one: (proof["seq"], proof["hash"]) for one, proof in last["proofs"].items()} != ends or last[
        "at"
    ] != manifest["made_at"]:
        raise Fault(f"{SEALS}: the last seal is not the one that was made of the ends of these channels.")


def _proof(chain: Chain, proof: dict[str, Any], seal: dict[str, Any], where: str) -> None:
    leaf = f"{chain.id}\n{proof['seq']}\n{proof['hash']}".encode()
    node = hashlib.sha256(b"\0" + bytes.fromhex(seal["salt"]) + leaf).digest()
    for side, other in proof["path"]:
        pair = bytes.fromhex(other) + node if side == "left" else node + bytes.fromhex(other)
        node = hashlib.sha256(b"\1" + pair).digest()
    if node.hex() != seal["root"]:
        raise Fault(f"{where}: it was altered, or its proof for {chain.id} was.")
    if not 0 < proof["seq"] <= len(chain.hashes) or chain.hashes[proof["seq"] - 1] != proof["hash"]:
        raise Fault(f"{chain.folder}/entries.jsonl, entry {proof['seq']}: {where} was made of another one.")


def _stamps(archive: Archive) -> int:
    """How many seals have a time stamp; each of them is held against its seal."""
    sealed = {seal["root"]: seal["at"] for seal in archive.lines(SEALS)}
    names = [name for name in archive.names if name.startswith("stamps/")]
    for name in names:
        root = name.removeprefix("stamps/").removesuffix(".tsr")
        if root not in sealed:
            raise Fault(f"{name}: it was added, no seal has this root.")
        try:
            read_stamp(archive.whole(name), bytes.fromhex(root), sealed[root])
        except Fault as fault:
            raise Fault(f"{name}: {fault}") from fault
    return len(names)


def _texts(archive: Archive) -> None:
    for name in archive.names:
        if (
            name.startswith("texts/")
            and f"texts/{archive.digest(name, b'mediation agreement text 1' + bytes(1))}.txt" != name
        ):
            raise Fault(f"{name}: the text was altered.")


def _files(archive: Archive, manifest: dict[str, Any]) -> None:
    for name, told in manifest["files"].items():
        if archive.digest(name) != told["sha256"] or archive.names[name].file_size != told["size"]:
            raise Fault(f"{name}: the file was altered.")
    if added := sorted(set(archive.names) - set(manifest["files"]) - {MANIFEST, SIGNATURE}):
        raise Fault(f"{added[0]}: the file was added.")


def _signature(archive: Archive, manifest: dict[str, Any]) -> None:
    try:
        signed = f"mediation:bundle:1\n{archive.digest(MANIFEST)}".encode()
        _verify(manifest["key"], archive.whole(SIGNATURE).decode("ascii"), signed)
    except (ValueError, InvalidSignature) as error:
        raise Fault(f"{MANIFEST}: it was altered, or its signature was.") from error


def _verify(key: str, signature: str, signed: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), signed)


def _outside(key: str, roots: list[str], known_key: str, known_roots: list[str]) -> None:
    if known_key and known_key != key:
        raise Fault(f"{MANIFEST}: the bundle was signed with the key {key}, not with {known_key}.")
    for root in known_roots:
        if root not in roots:
            raise Fault(f"{SEALS}: no seal has the root {root}.")


CLOCKS_DIFFER = timedelta(minutes=1)
SIGNED_DATA, TST_INFO = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"
SIGNING_CERTIFICATES = {"2a864886f70d010910020c": "sha1", "2a864886f70d010910022f": "sha256"}
DIGESTS = {
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
    "2a864886f70d01010b": "sha256",
    "2a864886f70d01010c": "sha384",
    "2a864886f70d01010d": "sha512",
    "2a8648ce3d040302": "sha256",
    "2a8648ce3d040303": "sha384",
    "2a8648ce3d040304": "sha512",
}
"""Object identifiers as they stand in DER, in hex: digests, and signatures (RSA, ECDSA) with the digest that is in them."""


@dataclass(frozen=True, slots=True)
class Der:
    """A value in DER (X.690): its tag, all of its bytes, and those inside."""

    tag: int
    whole: bytes
    inside: bytes

    @property
    def parts(self) -> list["Der"]:
        found, place = [], 0
        while place < len(self.inside):
            found.append(der(self.inside[place:]))
            place += len(found[-1].whole)
        return found

    @property
    def name(self) -> str:
        """Of an object identifier, or of an algorithm."""
        return self.inside.hex() if self.tag == 0x06 else self.parts[0].name


def der(data: bytes) -> Der:
    """The value that these bytes begin with; raises `ValueError` or `IndexError`."""
    size, start = data[1], 2
    if size >= 0x80:
        start += size - 0x80
        size = int.from_bytes(data[2:start], "big")
    if data[0] & 0x1F == 0x1F or not 2 <= start <= 6 or len(data) < start + size:
        raise ValueError("this is not DER")
    return Der(data[0], data[: start + size], data[start : start + size])


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a time-stamping service saw a root, the certificate it signed that with, and what else it sent to vouch for that one."""

    at: datetime
    certificate: x509.Certificate
    others: list[bytes]


def read_stamp(answer: bytes, root: bytes, at: str) -> Stamp:
    """The stamp (RFC 3161) in a service's answer, of the root of the seal made `at`; raises `Fault` when it is none.

    Who vouches for the service's certificate is not asked here: docs/record.md says how `openssl ts -verify` does that.
    """
    try:
        whole = der(answer)
        status, token = whole.parts
        if len(whole.whole) != len(answer) or status.parts[0].inside != b"\0" or token.name != SIGNED_DATA:
            raise Fault("this is no time stamp.")
        data = token.parts[1].parts[0].parts
        info = data[2].parts[1].parts[0].inside
        told = _stamp_info(info, root, at)
        certificate = _stamp_signature(data, info, told)
    except (
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
    ) as error:
        raise Fault("the time stamp was altered, it cannot be read.") from error
    except (InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise Fault("the time stamp was altered, its signature is not right.") from error
    return Stamp(told, certificate, [one.whole for one in data[3].parts])


def _stamp_info(info: bytes, root: bytes, at: str) -> datetime:
    """What the service signed: of what, and when."""
    _, _, imprint, _, time = der(info).parts[:5]
    digest, value = imprint.parts
    if DIGESTS.get(digest.name) != "sha256" or value.inside != hashlib.sha256(root).digest():
        raise Fault("the time stamp is not of this seal's root.")
    written = time.inside.decode("ascii")
    if not re.fullmatch(r"\d{14}(\.\d+)?Z", written):
        raise Fault("the time stamp tells no time.")
    told = datetime.strptime(written[:14] + "+0000", "%Y%m%d%H%M%S%z")
    if told + CLOCKS_DIFFER < datetime.fromisoformat(at):
        raise Fault(f"the time stamp is older than the seal: it is of {told:%Y-%m-%dT%H:%M:%SZ}.")
    return told


def _stamp_signature(data: list[Der], info: bytes, told: datetime) -> x509.Certificate:
    (signer,) = data[-1].parts
    _, _, digest, attributes, algorithm, signature = signer.parts[:6]
    signed = {one.parts[0].name: one.parts[1].parts[0] for one in attributes.parts}
    if data[2].name != TST_INFO or signed[CONTENT_TYPE].name != TST_INFO:
        raise Fault("this is no time stamp.")
    if signed[MESSAGE_DIGEST].inside != hashlib.new(DIGESTS[digest.name], info).digest():
        raise Fault("the time stamp was altered: it is not what was signed.")
    certificate = _stamp_certificate(data[3], signed, told)
    hashed: Any = getattr(hashes, DIGESTS.get(algorithm.name, DIGESTS[digest.name]).upper())()
    message, key = b"\x31" + attributes.whole[1:], certificate.public_key()
    if isinstance(key, RSAPublicKey):
        key.verify(signature.inside, message, PKCS1v15(), hashed)
    elif isinstance(key, EllipticCurvePublicKey):
        key.verify(signature.inside, message, ECDSA(hashed))
    elif isinstance(key, Ed25519PublicKey):
        key.verify(signature.inside, message)
    else:
        raise Fault("the time stamp is signed in a way that this verifier does not know.")
    return certificate


def _stamp_certificate(among: Der, signed: dict[str, Der], told: datetime) -> x509.Certificate:
    """The one that the signature names by its digest (RFC 5035); it must be for time stamps, and valid at that time."""
    attribute, usual = next(
        (signed[name], usual) for name, usual in SIGNING_CERTIFICATES.items() if name in signed
    )
    named = attribute.parts[0].parts[0].parts
    method = DIGESTS[named[0].name] if named[0].tag == 0x30 else usual
    digest = named[1].inside if named[0].tag == 0x30 else named[0].inside
    found = [one.whole for one in among.parts if hashlib.new(method, one.whole).digest() == digest]
    if among.tag != 0xA0 or not found:
        raise Fault("the certificate that signed the time stamp is not in it.")
    certificate = x509.load_der_x509_certificate(found[0])
    try:
        uses = list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        uses = []
    if uses != [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]:
        raise Fault("the certificate that signed the time stamp is not one for time stamps.")
    if not certificate.not_valid_before_utc <= told <= certificate.not_valid_after_utc:
        raise Fault("the certificate that signed the time stamp was not valid at its time.")
    return certificate


def read(line: bytes, where: str) -> dict[str, Any]:
    """The object in a line of canonical JSON."""
    try:
        value = json.loads(line)
        if isinstance(value, dict) and canonical(value) == line:
            return value
    except (ValueError, RecursionError):
        pass
    raise Fault(f"{where}: it was altered.")


def canonical(value: Any) -> bytes:
    """RFC 8785 for what occurs in a bundle: objects, lists, strings, whole numbers, true, false, null."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _sorted(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("a fraction cannot be in a record")  # noqa: TRY004 - as for any JSON that is none
    if isinstance(value, dict):
        return {
            name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))
        }
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def sha(*pieces: bytes) -> str:
    return hashlib.sha256(b"".join(pieces)).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks a bundle of a mediation's record.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", default="", help="the key that the organisation publishes")
    parser.add_argument("--root", action="append", default=[], help="a root that came by mail")
    asked = parser.parse_args(arguments)
    try:
        print(check(asked.bundle, key=asked.key, roots=asked.root))
    except Fault as fault:
        print(fault)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
