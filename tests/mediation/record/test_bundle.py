"""Bundles: whole as they come, whoever checks them; the first thing in one that somebody has changed is named; and what is in none."""

import json
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mediation.errors import Invalid, NotAllowed, NotFound
from mediation.ids import new_id
from mediation.record.bundle import bundle
from mediation.record.check_bundle import LARGEST_TEXT, Fault, check
from mediation.record.export import Wish, ask_for_export, parse_seqs
from mediation.record.seal import FILE
from tests.mediation.record.bundles import CONTRACT, Files, Played, edit, lines_of, played, unzipped, zipped
from web.cli import main

RECORD, OWN = Wish("record"), Wish("own")


@dataclass(slots=True)
class Scene:
    """The case, with the bundle of the claimant's own view."""

    played: Played
    own: Path
    folder: Path

    @property
    def talks(self) -> str:
        return f"channels/{self.played.story.talks}"

    def bundle(self, role: str, wish: Wish) -> Path:
        file = self.folder / f"{new_id()}.zip"
        file.write_bytes(self.played.taken_out(role, wish))
        return file


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("bundles")
    made = played(folder / "data")
    scene = Scene(made, folder / "own.zip", folder)
    scene.own.write_bytes(made.taken_out("claimant", OWN))
    yield scene
    made.story.house.store.close()


def complaint(bundle: Path) -> str:
    with pytest.raises(Fault) as fault:
        check(bundle)
    return str(fault.value)


def test_a_bundle_is_whole_for_the_command_and_for_the_verifier_that_lies_in_it(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes(unzipped(scene.own)["verify.py"])

    ran = subprocess.run(
        [sys.executable, "-I", alone, scene.own], capture_output=True, text=True, check=False
    )

    assert main(["verify", str(scene.own)]) == 0
    said = capsys.readouterr().out
    assert (ran.returncode, ran.stdout) == (0, said)
    assert said.startswith("Whole: ")


def test_the_trial_file_is_the_record_alone(scene: Scene) -> None:
    files = unzipped(scene.bundle("judge", RECORD))

    channels = {name.split("/")[1] for name in files if name.startswith("channels/")}
    assert channels == {scene.played.story.record}
    everything = b"".join(files.values())
    for secret in (b"message 1", b"The lowest", scene.played.story.talks.encode()):
        assert secret not in everything
    assert CONTRACT in everything


def test_ones_own_view_holds_no_byte_of_what_one_may_not_read(scene: Scene) -> None:
    story = scene.played.story
    assert story.private is not None

    theirs = unzipped(scene.bundle("respondent", OWN))
    mine = unzipped(scene.own)

    assert b"The lowest" in b"".join(mine.values())
    held = {name.split("/")[1] for name in theirs if name.startswith("channels/")}
    assert held == {story.record, story.talks, story.private["respondent"]}
    for name, data in theirs.items():
        assert b"The lowest" not in data
        assert story.private["claimant"].encode() not in data, name


def test_a_chosen_line_is_proved_and_the_others_are_digests(scene: Scene) -> None:
    story = scene.played.story
    file = scene.bundle("claimant", Wish("chosen", story.talks, (3,)))

    files = unzipped(file)
    assert check(file).startswith("Whole: ")
    everything = b"".join(files.values())
    assert b"message 3" in everything
    assert b"message 1" not in everything
    assert b"message 4" not in everything
    entries = lines_of(files[f"{scene.talks}/entries.jsonl"])
    assert [n for n, line in enumerate(entries, start=1) if "facts" in line] == [3]
    marks = lines_of(files[f"{scene.talks}/marks.jsonl"])
    assert {mark["seq"] for mark in marks} == {3, 4, 5}


def test_what_was_taken_back_is_there_as_a_digest_with_the_entry_that_says_so(scene: Scene) -> None:
    file = scene.bundle("claimant", Wish("chosen", scene.played.story.talks, (2,)))

    files = unzipped(file)
    assert check(file).startswith("Whole: ")
    assert lines_of(files[f"{scene.talks}/contents.jsonl"])[0] == {"seq": 2, "gone": "recalled"}
    assert b"message 2" not in b"".join(files.values())


def test_the_page_is_in_both_languages_escaped_and_without_a_script(scene: Scene) -> None:
    files = unzipped(scene.own)

    for name in ("page-zh.html", "page-en.html"):
        page = files[name].decode()
        assert "&lt;b&gt;Not&lt;/b&gt; so" in page
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
        assert "message 2" not in page
    assert "已撤回" in files["page-zh.html"].decode()


def test_the_same_export_made_again_differs_only_by_its_seal(scene: Scene) -> None:
    export = json.loads(unzipped(scene.own)["manifest.json"])["export"]
    again = scene.folder / "again.zip"
    again.write_bytes(b"".join(bundle(scene.played.story.house.store, export)))

    first, second = unzipped(scene.own), unzipped(again)
    changed = {name for name in first if first[name] != second.get(name)}
    grown = {f"channels/{name.split('/')[1]}/" for name in changed if name.startswith("channels/")}
    assert grown <= {f"channels/{scene.played.story.record}/", f"{scene.talks}/"}  # exports that came after
    assert not {name for name in changed if name.startswith(("files/", "texts/", "verify"))}


def test_an_export_is_told_where_its_words_were_said(scene: Scene) -> None:
    published = scene.played.story.house.published
    scene.bundle("mediator", Wish("channel", scene.played.caucus))

    told = [entry for entry in published if entry.kind == "case_exported"][-1]
    assert (told.channel, told.public["scope"]) == (scene.played.caucus, "channel")


@pytest.mark.parametrize(
    ("role", "wish", "refusal"),
    [
        ("judge", OWN, NotAllowed),
        ("mediator", OWN, NotAllowed),
        ("stranger", RECORD, NotFound),
        ("respondent", Wish("channel", "caucus"), NotFound),
        ("judge", Wish("channel", "talks"), NotFound),
        ("claimant", Wish("chosen", "talks", (999,)), Invalid),
        ("claimant", Wish("chosen", "talks"), Invalid),
        ("claimant", Wish("everything"), Invalid),
    ],
)
def test_nobody_takes_out_what_is_not_theirs(scene: Scene, role: str, wish: Wish, refusal: type) -> None:
    story = scene.played.story
    named = {"caucus": scene.played.caucus, "talks": story.talks}
    wish = Wish(wish.scope, named.get(wish.channel, wish.channel), wish.chosen)

    with pytest.raises(refusal):
        story.house.do(ask_for_export, by=story.people[role], case=story.case, wish=wish, client_id=new_id())


def test_numbers_are_read_as_people_write_them() -> None:
    assert parse_seqs("3, 5-7，9") == (3, 5, 6, 7, 9)
    for unclear in ("three", "0", "7-5", "1-9999"):
        with pytest.raises(Invalid):
            parse_seqs(unclear)


Change = Callable[[Files, str], None]


def in_lines(name: str, change: Callable[[list[Any]], None]) -> Change:
    return lambda files, talks: edit(files, name.replace("TALKS", talks), change)


def drop(name: str) -> Change:
    def act(files: Files, talks: str) -> None:
        del files[next(one for one in files if one.startswith(name.replace("TALKS", talks)))]

    return act


def append(name: str, data: bytes) -> Change:
    def act(files: Files, talks: str) -> None:
        found = next(one for one in files if one.startswith(name))
        files[found] += data

    return act


def add(name: str) -> Change:
    def act(files: Files, _talks: str) -> None:
        files[name] = b"{}\n"

    return act


def in_manifest(change: Callable[[dict[str, Any]], None]) -> Change:
    def act(files: Files, _talks: str) -> None:
        edit(files, "manifest.json", lambda lines: change(lines[0]))
        files["manifest.json"] = files["manifest.json"].removesuffix(b"\n")

    return act


def swap(lines: list[Any]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def swap_seals(lines: list[Any]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


ENTRIES, CONTENTS, MARKS = "TALKS/entries.jsonl", "TALKS/contents.jsonl", "TALKS/marks.jsonl"
CHANGES: list[tuple[str, Change, str]] = [
    ("an entry altered", in_lines(ENTRIES, lambda lines: lines[2]["facts"].update(actor="x")), "entries.jsonl, entry 3: it was altered"),
    ("an entry added to", in_lines(ENTRIES, lambda lines: lines[2].update(more=1)), "entries.jsonl, entry 3: something was added"),
    ("an entry removed", in_lines(ENTRIES, lambda lines: lines.pop(2)), "entries.jsonl, entry 3: entry 4 of"),
    ("the last entry removed", in_lines(ENTRIES, lambda lines: lines.pop()), "is missing"),
    ("an entry added", in_lines(ENTRIES, lambda lines: lines.append(lines[2])), "stands here; one was removed, added or moved"),
    ("entries swapped", in_lines(ENTRIES, swap), "entries.jsonl, entry 2: entry 3 of"),
    ("an entry hidden", in_lines(ENTRIES, lambda lines: lines.__setitem__(2, {"facts_digest": "0" * 64, "hash": lines[2]["hash"]})), "entry 3: it was altered"),
    ("a content altered", in_lines(CONTENTS, lambda lines: lines[2]["body"].update(text="I owe nothing")), "contents.jsonl, entry 3: its content was altered"),
    ("a salt altered", in_lines(CONTENTS, lambda lines: lines[2].update(salt="00" * 16)), "contents.jsonl, entry 3: its content was altered"),
    ("a content removed", in_lines(CONTENTS, lambda lines: lines.pop(2)), "contents.jsonl, entry 3: its content is missing"),
    ("a content hushed up", in_lines(CONTENTS, lambda lines: lines.__setitem__(2, {"seq": 3, "gone": "recalled"})), "contents.jsonl, entry 3: its content was removed, and no entry says so"),
    ("a content said to be erased", in_lines(CONTENTS, lambda lines: lines.__setitem__(2, {"seq": 3, "gone": "erased", "under": "x", "by": 8})), "contents.jsonl, entry 3: its content was removed"),
    ("a content added", in_lines(CONTENTS, lambda lines: lines.append(lines[2])), "its content was added or moved"),
    ("contents swapped", in_lines(CONTENTS, swap), "contents.jsonl, entry 2: its content is missing"),
    ("a mark altered", in_lines(MARKS, lambda lines: lines[1].update(seq=1)), "marks.jsonl, mark 2: it was altered"),
    ("a mark removed", in_lines(MARKS, lambda lines: lines.pop(0)), "marks.jsonl, mark 1: it was altered, or one was removed"),
    ("the last mark removed", in_lines(MARKS, lambda lines: lines.pop()), "marks.jsonl: mark 3 is missing"),
    ("a mark added", in_lines(MARKS, lambda lines: lines.append(lines[0])), "marks.jsonl, mark 4: it was altered"),
    ("marks swapped", in_lines(MARKS, swap), "marks.jsonl, mark 2: it was altered"),
    ("a file altered", append("files/", b"!"), "the file was altered"),
    ("a file removed", drop("files/"), "is missing"),
    ("a file added", add("files/other.pdf"), "files/other.pdf: the file was added"),
    ("a text altered", append("texts/", b"!"), "the text was altered"),
    ("a text removed", drop("texts/"), ".txt: it is missing"),
    ("a seal's time altered", in_lines("seals.jsonl", lambda lines: lines[0].update(at="2027")), "seals.jsonl, seal 1: it was altered"),
    ("a seal's proof altered", in_lines("seals.jsonl", lambda lines: next(iter(lines[0]["proofs"].values()))["path"].pop()), "seals.jsonl, seal 1: it was altered, or its proof"),
    ("a seal removed", in_lines("seals.jsonl", lambda lines: lines.pop(0)), "seals.jsonl, seal 1: one was removed"),
    ("the last seal removed", in_lines("seals.jsonl", lambda lines: lines.pop()), "seals.jsonl, seal 2: the one with the root"),
    ("a seal added", in_lines("seals.jsonl", lambda lines: lines.append(lines[0])), "seals.jsonl, seal 3: one was removed, added or moved"),
    ("seals swapped", in_lines("seals.jsonl", swap_seals), "seals.jsonl, seal 1: one was removed, added or moved"),
    ("a name altered", in_manifest(lambda told: told.update(organisation="Another court")), "manifest.json: it was altered"),
    ("a channel removed", in_manifest(lambda told: told["channels"].pop(0)), "was altered"),
    ("the signature removed", drop("manifest.sig"), "manifest.sig: it is missing"),
    ("the page altered", append("page-en.html", b"<p>not so</p>"), "page-en.html: the file was altered"),
    ("the page removed", drop("page-zh.html"), "page-zh.html: it is missing"),
    ("the verifier altered", append("verify.py", b"#"), "verify.py: the file was altered"),
    ("the manifest's form altered", append("manifest.json", b" "), "manifest.json: it was altered"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_the_first_thing_that_was_changed_is_named(
    scene: Scene, tmp_path: Path, change: Change, named: str
) -> None:
    files = unzipped(scene.own)
    change(files, scene.talks)

    said = complaint(zipped(files, tmp_path / "changed.zip"))

    assert named in said


def test_the_verifier_in_a_bundle_says_the_same_as_the_command(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = unzipped(scene.own)
    alone = tmp_path / "verify.py"
    alone.write_bytes(files["verify.py"])
    edit(files, f"{scene.talks}/contents.jsonl", lambda lines: lines[2]["body"].update(text="no"))
    changed = zipped(files, tmp_path / "changed.zip")

    ran = subprocess.run([sys.executable, "-I", alone, changed], capture_output=True, text=True, check=False)

    assert main(["verify", str(changed)]) == 1
    assert (ran.returncode, ran.stdout) == (1, capsys.readouterr().out)


def test_a_bundle_that_was_signed_anew_is_found_by_its_key_or_by_a_root_from_a_mail(scene: Scene) -> None:
    manifest = json.loads(unzipped(scene.own)["manifest.json"])
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()

    assert check(scene.own, key=manifest["key"], roots=[manifest["seals"][0]]).startswith("Whole: ")
    with pytest.raises(Fault, match="was signed with the key"):
        check(scene.own, key=other)
    with pytest.raises(Fault, match="no seal has the root"):
        check(scene.own, roots=["0" * 64])


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\evil", "files/./evil", "a b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(scene: Scene, tmp_path: Path, name: str) -> None:
    files = unzipped(scene.own) | {name: b""}

    assert "no file of a bundle has such a name" in complaint(zipped(files, tmp_path / "evil.zip"))


def test_a_name_that_is_there_twice_is_refused(scene: Scene, tmp_path: Path) -> None:
    twice = zipped(unzipped(scene.own), tmp_path / "twice.zip")
    with zipfile.ZipFile(twice, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("manifest.json", b"{}")

    assert complaint(twice) == "manifest.json: it is there twice."


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("manifest.json", "w") as file,
    ):
        for _ in range(LARGEST_TEXT // (1 << 20) + 1):
            file.write(bytes(1 << 20))

    assert bomb.stat().st_size < 1 << 20
    assert complaint(bomb) == "manifest.json: it unpacks to more than it may, or cannot be read."


def test_what_is_no_zip_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.zip").write_bytes(b"not at all")

    assert "it is no ZIP file that can be read" in complaint(tmp_path / "odd.zip")


def test_every_export_leaves_a_seal(scene: Scene) -> None:
    seals = (scene.played.story.house.settings.data / FILE).read_text().splitlines()
    scene.bundle("clerk", RECORD)

    after = (scene.played.story.house.settings.data / FILE).read_text().splitlines()
    assert len(after) == len(seals) + 1
    assert json.loads(after[-1])["why"] == "export"
