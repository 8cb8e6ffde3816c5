"""docs/record.md says what the record does: its vectors come out of the product's own functions and of a second writer's."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mediation.keys import Keys, decrypt
from mediation.record import chain
from mediation.record.seal import merkle_root, signed_seal
from mediation.record.verify import verify
from mediation.sqlite import DATABASE
from tests.conftest import ROOT, lay_out
from tests.mediation.record import second_writer as second

PAGE = (ROOT / "docs" / "record.md").read_text("utf-8")
VECTORS: dict[str, Any] = json.loads(PAGE.split("```json\n")[1].split("```")[0])
BYTES = bytes.fromhex


def test_the_canonical_form() -> None:
    told = VECTORS["canonical"]

    assert second.text_of(told["value"]) == told["text"]
    assert chain.canonical(told["value"]).decode() == told["text"]


def test_a_salted_digest() -> None:
    told = VECTORS["content"]

    assert second.content_digest(BYTES(told["salt"]), told["body"]) == told["digest"]
    assert chain.digest(BYTES(told["salt"]), told["body"]) == told["digest"]


def test_a_chain() -> None:
    prev = "0" * 64
    for told in VECTORS["entries"]:
        assert told["prev"] == prev
        for digest, hashed in (
            (second.facts_digest, second.entry_hash),
            (chain.facts_digest, chain.entry_hash),
        ):
            assert digest(told["facts"]) == told["facts_digest"]
            assert hashed(prev, told["facts_digest"]) == told["hash"]
        prev = told["hash"]


def test_an_encrypted_content() -> None:
    told = VECTORS["encryption"]
    master, key = BYTES(told["master_key"]), BYTES(told["channel_key"])

    wrapped = second.wrapped_key(master, BYTES(told["key_nonce"]), told["channel"], key)
    sealed = second.sealed_content(key, BYTES(told["nonce"]), told["entry"], told["body"])

    assert (wrapped.hex(), sealed.hex()) == (told["key_wrapped"], told["sealed"])
    keys = Keys(master, Ed25519PrivateKey.generate())
    opened = decrypt(keys.channel_key(told["channel"], wrapped), sealed, told["entry"])
    assert json.loads(opened) == told["body"]


def test_a_seal_and_the_proof_of_one_channel() -> None:
    told = VECTORS["seal"]
    key = Ed25519PrivateKey.from_private_bytes(BYTES(told["secret"]))
    heads = [(channel, seq, hashed) for channel, seq, hashed in told["heads"]]
    salt, root = BYTES(told["salt"]), BYTES(told["root"])

    leaves = [second.leaf(salt, head) for head in heads]
    assert [one.hex() for one in leaves] == told["leaves"]
    assert second.root_of(leaves) == merkle_root(salt, heads) == root
    assert second.seal_signature(key, told["at"], root).hex() == told["signature"]
    assert Keys(bytes(32), key).sign(signed_seal(told["at"], root)).hex() == told["signature"]
    assert key.public_key().public_bytes_raw().hex() == told["key"]
    ((side, node),) = told["proof"]["path"]
    assert side == "left"
    assert second.sha(b"\1", BYTES(node), leaves[2]) == told["root"]


MASTER = bytes(range(32))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A data folder with two channels that the second writer has written, one of them walled."""
    lay_out(tmp_path)
    own = second.Book("own", "person", owner="ada")
    caucus = second.Book("caucus", "caucus", key=bytes(range(32, 64)))
    own.write("person_added", {"name": "ada"}, person="ada")
    own.write("caucus_opened", {}, caucus="caucus", people=["ada"], side=None, form="caucus")
    for n in range(1, 5):
        own.write("message_posted", {"text": f"第{n}句"})
        caucus.write("message_posted", {"text": f"between us {n}", "mentions": ["bo", "ada"]})
    own.erase(3, 5)
    caucus.erase(1, rule="caucus")
    second.put_down([own, caucus], tmp_path, master=MASTER)
    second.put_person(tmp_path, "ada", "own")
    second.put_caucus(tmp_path, "caucus", "ada", own.lines[1].facts["at"])
    return tmp_path


def test_what_another_writer_has_written_from_the_page_is_whole(written: Path) -> None:
    assert told_by_verify(written) == (0, ["Whole: 12 entries in 2 channels."])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("UPDATE entries SET kind = 'case_ended' WHERE id = 'own-3'", "channel own, entry 3 (own-3, case_ended): it was altered."),
        ("UPDATE contents SET salt = randomblob(16) WHERE entry = 'caucus-3'", "channel caucus, entry 3 (caucus-3, message_posted): its content was altered."),
        ("UPDATE entries SET version = 1 WHERE id = 'own-4'", "channel own, entry 4 (own-4, message_posted): it was written in version 1 of the record, which this verifier does not read."),
        ("DELETE FROM contents WHERE entry = 'own-4'", "channel own, entry 4 (own-4, message_posted): its content is missing, and no entry says that it was erased."),
        ("DELETE FROM contents WHERE entry = 'own-7'", "channel own, entry 7 (own-7, content_erased): its content is missing, and no entry says that it was erased."),
        ("INSERT INTO contents SELECT 'own-5', salt, body, sealed, withheld FROM contents WHERE entry = 'own-4'", "channel own, entry 5 (own-5, message_posted): it was erased, and can be read again."),
    ],
)  # fmt: skip
def test_what_was_changed_in_it_is_named(written: Path, change: str, complaint: str) -> None:
    with closing(sqlite3.connect(written / DATABASE)) as database, database:
        database.execute("DROP TRIGGER entries_no_update")
        database.execute(change)

    status, said = told_by_verify(written)

    assert (status, said[0]) == (1, complaint)


def told_by_verify(data: Path) -> tuple[int, list[str]]:
    said: list[str] = []
    return verify(data, say=said.append), said
