"""The process that opens what strangers sent: short-lived, with limits on memory, time and files, and nothing to write to.

Started by `asking` as `python -m mediation.documents.checker TASK ENDING` with the file as its standard input. It answers one line
of JSON, and after it the bytes of a preview, of the sound in its other form, or the words of a document as JSON.
"""

import json
import resource
import sys
from typing import BinaryIO

from mediation.documents.office import Unacceptable, check_office

SECONDS = 10
SECONDS_OF_SOUND = 60
MEMORY = 1024 * 1024 * 1024


def main() -> None:
    task, ending = sys.argv[1:3]
    made = b""
    try:
        answer, made = _do(task, ending, sys.stdin.buffer)
    except Unacceptable as reason:
        answer = {"refused": str(reason)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + made)


def _do(task: str, ending: str, file: BinaryIO) -> tuple[dict[str, object], bytes]:
    if task == "picture":
        from mediation.documents.picture import make_preview

        _limit()
        preview = make_preview(file, ending)
        return {"width": preview.width, "height": preview.height}, preview.jpeg
    if task in {"voice", "clip", "sound"}:
        return _play(task, file)
    if task == "text":
        return _read(file, ending)
    _limit()
    check_office(file, ending)
    return {}, b""


def _play(task: str, file: BinaryIO) -> tuple[dict[str, object], bytes]:
    from mediation.documents.film import look_at_clip, measure_voice, to_m4a

    _limit(SECONDS_OF_SOUND if task == "sound" else SECONDS)
    if task == "voice":
        return {"ms": measure_voice(file)}, b""
    if task == "sound":
        return {}, to_m4a(file)
    clip = look_at_clip(file)
    return {"ms": clip.ms, "width": clip.width, "height": clip.height}, clip.jpeg


def _read(file: BinaryIO, ending: str) -> tuple[dict[str, object], bytes]:
    import pypdfium2  # noqa: F401 - its library is loaded before the limits are set

    from mediation.documents.text import read_text

    _limit()
    return {}, json.dumps(read_text(file, ending)).encode()


def _limit(seconds: int = SECONDS) -> None:
    """After the imports: from here on only what was sent is at work."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


if __name__ == "__main__":
    main()
