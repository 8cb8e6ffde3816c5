"""The process that opens what strangers sent: short-lived, with limits on memory, time and files, and nothing to write to.

Started by `gate` as `python -m mediation.documents.checker KIND ENDING` with the file as its standard input. It answers one line of
JSON, and after it the bytes of a preview.
"""

import json
import resource
import sys

from mediation.documents.office import Unacceptable, check_office

SECONDS = 10
MEMORY = 1024 * 1024 * 1024


def main() -> None:
    family, ending = sys.argv[1:3]
    answer: dict[str, object] = {}
    jpeg = b""
    try:
        if family == "picture":
            from mediation.documents.picture import make_preview

            _limit()
            preview = make_preview(sys.stdin.buffer, ending)
            answer, jpeg = {"width": preview.width, "height": preview.height}, preview.jpeg
        else:
            _limit()
            check_office(sys.stdin.buffer, ending)
    except Unacceptable as reason:
        answer = {"refused": str(reason)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + jpeg)


def _limit() -> None:
    """After the imports: from here on only what was sent is at work."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


if __name__ == "__main__":
    main()
