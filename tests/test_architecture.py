"""The house keeps its shape: which way imports flow, and what pages are not made of."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import LONGEST

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.*"))
SCRIPTS = [path for path in sorted((ROOT / "web" / "static").rglob("*.js")) if "vendor" not in path.parts]
STYLES = sorted((ROOT / "web" / "static" / "css").rglob("*.css"))
THE_TWO_THAT_KNOW_ALL_PARTS = {"web/app.py", "web/cli.py"}
TOP_LEVEL = {
    *("mediation", "signaling", "web", "tests", "bench", "docs", "scripts"),
    *("pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "LICENSE"),
}
GOES_OUT_ALONE = ROOT / "mediation" / "record" / "check_bundle.py"
"""The verifier that lies in every bundle: one file, so that whoever gets it can read it and run it as it is."""
MARKUP_IN_SCRIPTS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc)\b"
)
INLINE = {
    "a script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "a style": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[a-z][^<>{]*\sstyle=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^<>{]*\son[a-z]+=", re.IGNORECASE),
    "a javascript: address": re.compile(r"=[\"']?\s*javascript:", re.IGNORECASE),
    "markup that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> set[str]:
    """The full names of all that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(node.module or "")
    return found


def offences(package: str, forbidden: set[str], *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    for path in sorted((ROOT / package).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place not in but:
            used = {name for name in imports_of(path) if name.split(".")[0] in forbidden}
            yield from (f"{place} imports {name}" for name in sorted(used))


def test_the_domain_knows_no_web_no_socket_and_nothing_asynchronous() -> None:
    forbidden = {
        "aiohttp",
        "socketio",
        "engineio",
        "aiortc",
        "aioice",
        "asyncio",
        "uvloop",
        "signaling",
        "web",
    }

    assert not list(offences("mediation", forbidden))


def test_signaling_never_imports_web() -> None:
    assert not list(offences("signaling", {"web"}))


def test_the_verifier_that_goes_out_alone_imports_nothing_of_ours() -> None:
    roots = {name.split(".")[0] for name in imports_of(GOES_OUT_ALONE)}

    assert roots <= {*sys.stdlib_module_names, "cryptography"}


def test_in_web_only_the_app_and_the_command_line_know_signaling() -> None:
    but = frozenset(THE_TWO_THAT_KNOW_ALL_PARTS)

    assert not list(offences("web", {"signaling", "socketio", "aiortc"}, but=but))


def test_no_shipped_module_imports_the_tests() -> None:
    assert not [
        found for package in ("mediation", "signaling", "web") for found in offences(package, {"tests"})
    ]


@pytest.mark.parametrize("package", ["mediation", "signaling", "web", "tests"])
def test_every_module_says_in_its_docstring_why_it_exists(package: str) -> None:
    modules = [path for path in (ROOT / package).rglob("*.py") if path.read_text(encoding="utf-8").strip()]

    silent = [path for path in modules if not ast.get_docstring(parsed(path))]

    assert not silent


@pytest.mark.parametrize("package", ["mediation", "signaling", "web"])
def test_no_module_becomes_the_place_where_things_are_added(package: str) -> None:
    modules = [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}

    assert not {str(path): lines for path, lines in lengths.items() if lines > 300 and path != GOES_OUT_ALONE}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_holds(what: str) -> None:
    assert TEMPLATES
    assert not [path for path in TEMPLATES if INLINE[what].search(path.read_text(encoding="utf-8"))]


def test_scripts_never_make_markup_of_strings() -> None:
    assert SCRIPTS
    assert not [path for path in SCRIPTS if MARKUP_IN_SCRIPTS.search(path.read_text(encoding="utf-8"))]


def test_pages_load_nothing_from_another_origin() -> None:
    loads = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|from ["']https?:""")

    assert not [
        path for path in (*TEMPLATES, *SCRIPTS, *STYLES) if loads.search(path.read_text(encoding="utf-8"))
    ]


def test_the_top_level_holds_what_belongs_there() -> None:
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = {line.split("/")[0] for line in kept.splitlines()}

    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_the_longest_tests_that_begin_first_are_there() -> None:
    assert not [name for name in LONGEST if not (ROOT / name).is_file()]


def test_a_lock_names_no_registry() -> None:
    locks = [ROOT / "requirements.lock", ROOT / "scripts" / "tests.lock"]

    assert not [path for path in locks if re.search(r"https?:|index-url|find-links", path.read_text())]
