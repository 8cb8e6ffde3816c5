"""The set-up script says in one sentence what is missing and what to do about it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ["sh", "cat", "cmp", "cp", "grep", "id", "tail", "tee", "awk", "basename", "dirname"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with a shell's tools, a copy of the scripts, and no Python unless a test puts one there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    shutil.copytree(ROOT / "scripts", tmp_path / "house" / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / "house" / name)
    return tmp_path


def a_python(machine: Path, version: str, *, is_new: bool, has_venv: bool = True) -> None:
    """A program that answers as a Python of that version would."""
    python = machine / "bin" / "python3"
    answers = {"sys.version_info": not is_new, "platform": False, "ensurepip": not has_venv}
    cases = "\n".join(
        f"  *{asked}*) echo {version}; exit {int(fails)} ;;" for asked, fails in answers.items()
    )
    python.write_text(f'#!/bin/sh\ncase "$2" in\n{cases}\nesac\n')
    python.chmod(0o755)


def demo(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/demo"],
        cwd=machine / "house",
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_python_it_says_how_to_install_it(machine: Path) -> None:
    tried = demo(machine)

    assert tried.returncode == 1
    assert tried.stderr == "Python is missing. Install it with: sudo apt install python3 python3-venv\n"


def test_a_python_that_is_too_old_is_named_with_its_version(machine: Path) -> None:
    a_python(machine, "3.9.2", is_new=False)

    tried = demo(machine)

    assert tried.returncode == 1
    assert tried.stderr.startswith("Python 3.9.2 is too old, 3.11 or newer is needed")
    assert len(tried.stderr.splitlines()) == 1


def test_without_the_venv_module_it_says_how_to_install_it(machine: Path) -> None:
    a_python(machine, "3.11.2", is_new=True, has_venv=False)

    tried = demo(machine)

    assert tried.returncode == 1
    assert tried.stderr == "Python's venv module is missing. Install it with: sudo apt install python3-venv\n"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: No matching distribution (from versions: none)", "no way to the package index"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: something nobody has seen", "everything that pip said is in .venv/setup.log"),
    ],
)
def test_why_packages_could_not_be_installed_is_said_in_words(
    machine: Path, said: str, sentence: str
) -> None:
    (machine / "log").write_text(said)

    tried = subprocess.run(
        ["sh", "-c", ". scripts/_setup.sh; explain_failure ../log"],
        cwd=machine / "house",
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 1
    assert sentence in tried.stderr


@pytest.mark.parametrize("script", ["demo", "test", "lock", "_setup.sh"])
def test_a_script_is_understood_by_a_plain_shell(script: str) -> None:
    assert subprocess.run(["sh", "-n", ROOT / "scripts" / script], check=False).returncode == 0
