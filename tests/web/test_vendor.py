"""The code of others that we serve is exactly what VENDOR.toml says it is."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "web" / "static" / "vendor"
FILES: dict[str, dict[str, Any]] = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))[
    "files"
]


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_has_the_checksum_that_is_listed(name: str) -> None:
    digest = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()

    assert digest == FILES[name]["sha256"]


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_comes_with_the_licence_of_everything_in_it(name: str) -> None:
    licences = (VENDOR / FILES[name]["licence_file"]).read_text(encoding="utf-8")
    packages = {FILES[name]["package"]: FILES[name]["version"], **FILES[name].get("with", {})}

    assert all(f"{package} {version}\n" in licences for package, version in packages.items())
    assert (
        licences.count("WITHOUT WARRANTY") + licences.count("DISCLAIMS ALL WARRANTIES") >= len(packages) - 1
    )


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_needs_no_other_file(name: str) -> None:
    text = (VENDOR / name).read_text(encoding="utf-8")

    assert 'from"' not in text
    assert 'import"' not in text


def test_nothing_is_vendored_that_is_not_listed() -> None:
    scripts = {path.name for path in VENDOR.glob("*.js")}

    assert scripts == set(FILES)


def test_every_vendored_file_has_types_for_the_checker() -> None:
    assert all((VENDOR / name).with_suffix(".d.ts").exists() for name in FILES)
