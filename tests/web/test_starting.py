"""Starting the demo: what is in the way is said in one sentence, and a start that was broken off is made good."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "web.cli", "demo", "--json"]


@contextlib.contextmanager
def a_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> Iterator[int]:
    """A port that is taken as long as this lasts."""
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        yield holder.getsockname()[1]


def next_to_a_free_port() -> socket.socket:
    """A UDP socket that holds its port, while the one before it is free."""
    while True:
        with a_port() as before:
            holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                holder.bind(("0.0.0.0", before + 1))
                return holder
            except OSError:
                holder.close()


@pytest.fixture
def ports() -> list[str]:
    with a_port() as web, a_port() as media:
        return ["--port", str(web), "--media-port", str(media)]


def refused(*arguments: str | Path) -> str:
    tried = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert tried.returncode == 1
    return tried.stderr


def first_line(*arguments: str | Path) -> str:
    """What a demo prints first; it is stopped then."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as demo:
        assert demo.stdout
        line = demo.stdout.readline()
        demo.send_signal(signal.SIGTERM)
        demo.stdout.read()
    assert demo.returncode == 0
    return line


def test_a_web_port_in_use_is_named_with_the_way_out(tmp_path: Path, ports: list[str]) -> None:
    with a_port() as taken:
        said = refused("--data", tmp_path / "demo", *ports, "--port", str(taken))

    assert said.startswith(f"Port {taken} for web is in use")
    assert "--port" in said
    assert len(said.splitlines()) == 1


def test_what_is_in_the_way_is_said_before_the_server_is_loaded(tmp_path: Path, ports: list[str]) -> None:
    """Loading it takes a second."""
    watched = [COMMAND[0], "-X", "importtime", *COMMAND[1:]]
    with a_port() as taken:
        asked = [*watched, "--data", str(tmp_path / "demo"), *ports, "--port", str(taken)]
        tried = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)

    assert f"Port {taken} for web is in use" in tried.stderr
    assert "web.run" in tried.stderr
    assert "sqlalchemy" not in tried.stderr and "aiohttp" not in tried.stderr


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_media_port_in_use_is_named_with_the_way_out(
    tmp_path: Path, ports: list[str], kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("0.0.0.0", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        taken = holder.getsockname()[1]
        said = refused("--data", tmp_path / "demo", *ports, "--media-port", str(taken))

    assert said.startswith(f"Port {taken} for media is in use")
    assert "--media-port" in said
    assert not (tmp_path / "demo").exists()


def test_the_port_of_a_further_media_worker_in_use_is_named_too(tmp_path: Path, ports: list[str]) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("media_workers = 2\n")
    with next_to_a_free_port() as holder:
        taken = holder.getsockname()[1]
        more = ["--media-port", str(taken - 1), "--settings", str(settings)]
        said = refused("--data", tmp_path / "demo", *ports, *more)

    assert f"Port {taken} for media is in use" in said


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path, ports: list[str]) -> None:
    (tmp_path / "letters.txt").write_text("dear")

    said = refused("--data", tmp_path, "--fresh", *ports)

    assert "something that is not a demo" in said
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_demo_that_was_broken_off_is_made_again_and_then_kept(tmp_path: Path, ports: list[str]) -> None:
    (tmp_path / "demo.begun").touch()
    (tmp_path / "mediation.sqlite3").write_text("half a database")

    first = json.loads(first_line("--data", tmp_path, *ports))
    second = json.loads(first_line("--data", tmp_path, *ports))

    assert first["role"] == "claimant"
    assert second == first
