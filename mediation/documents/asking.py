"""Asking the checker: a process of its own, with little memory and time, that opens a file and says what it found."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any, BinaryIO

from mediation.documents.content import Content

SECONDS = 20
LONGEST_ANSWER = 16 * 1024 * 1024


def ask_checker(
    content: Content, task: str, ending: str, *, seconds: int = SECONDS
) -> tuple[dict[str, Any], bytes]:
    """The checker's answer; a checker that dies or takes too long has met a file that would do the same to its reader."""
    command = [sys.executable, "-I", "-m", "mediation.documents.checker", task, ending]
    with _as_file(content) as file:
        try:
            done = subprocess.run(
                command, stdin=file, capture_output=True, timeout=seconds, env={}, cwd="/", check=False
            )
        except subprocess.TimeoutExpired:
            return {"refused": "bursts"}, b""
    line, _, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line or len(rest) > LONGEST_ANSWER:
        return {"refused": "bursts" if done.returncode < 0 else "damaged"}, b""
    answer: dict[str, Any] = json.loads(line)
    return answer, rest


def _as_file(content: Content) -> BinaryIO:
    """The plain bytes in memory, as a file another process can read: a walled file must not touch the disk unsealed."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("upload"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    for piece in content.all():
        file.write(piece)
    file.seek(0)
    return file
