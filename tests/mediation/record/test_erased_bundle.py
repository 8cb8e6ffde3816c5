"""Bundles of a case of which something was erased: whole, and whatever somebody makes of it is named."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mediation.record.check_bundle import Fault, check
from mediation.record.export import Wish
from tests.mediation.record.bundles import Played, edit, lines_of, played, unzipped, zipped
from tests.mediation.record.erasing import erase_what_is_over


@pytest.fixture(scope="module")
def taken_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Played, Path]]:
    """A case whose talks and private talks were erased, and what the claimant took out of it afterwards."""
    folder = tmp_path_factory.mktemp("erased")
    made = played(folder / "data")
    made.story.house.clock.pass_by(days=366)
    erase_what_is_over(made.story.house)
    bundle = folder / "own.zip"
    bundle.write_bytes(made.taken_out("claimant", Wish("own")))
    yield made, bundle
    made.story.house.store.close()


def test_a_bundle_of_what_was_erased_is_whole_and_says_so(taken_out: tuple[Played, Path]) -> None:
    made, bundle = taken_out
    files = unzipped(bundle)

    assert check(bundle).startswith("Whole: ")
    everything = b"".join(data for name, data in files.items() if name != "verify.py")
    assert b"message 1" not in everything
    assert b"The lowest" not in everything
    contents = lines_of(files[f"channels/{made.story.talks}/contents.jsonl"])
    gone = [line for line in contents if line.get("gone") == "erased"]
    assert {line["under"] for line in gone} == {"talks", "files"}
    page = files["page-en.html"].decode()
    assert "under the rule “What was said in the talks, and drafts”. Only its digest is here." in page
    assert '<p class="text">Voice messages, pictures and files of the talks</p>' in page
    assert "按照保存规则“群聊里说的话和协议草稿”删除" in files["page-zh.html"].decode()


def say_less(lines: list[Any]) -> None:
    """The entry that erased no longer names the first content."""
    next(one["facts"] for one in lines if one["facts"]["kind"] == "content_erased")["public"]["seqs"].pop(0)


def show_again(lines: list[Any]) -> None:
    shown = next(line for line in lines if "body" in line)
    lines[0] = shown | {"seq": 1}


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("entries", say_less, "it was altered"),
        ("contents", show_again, "entry 1: it was erased, and is shown again."),
        ("contents", lambda lines: lines[0].update(gone="recalled"), "entry 1: its content was removed, and no entry says so."),
        ("contents", lambda lines: lines[0].update(under="record"), "entry 1: its content was removed, and no entry says so."),
        ("contents", lambda lines: lines[0].update(by=2), "entry 1: its content was removed, and no entry says so."),
        ("contents", lambda lines: lines[-1].update(gone="erased", under="talks", by=lines[-1]["seq"]), "its content was removed, and no entry says so."),
    ],
)  # fmt: skip
def test_what_somebody_makes_of_an_erasure_in_a_bundle_is_named(
    taken_out: tuple[Played, Path], tmp_path: Path, name: str, change: Callable[[list[Any]], None], named: str
) -> None:
    made, bundle = taken_out
    files = unzipped(bundle)
    edit(files, f"channels/{made.story.talks}/{name}.jsonl", change)

    with pytest.raises(Fault) as fault:
        check(zipped(files, tmp_path / "changed.zip"))

    assert named in str(fault.value)
