"""The media worker with a profiler in it: SIGUSR1 begins, SIGUSR2 ends and writes. `python -m bench.load.profiled FILE …`."""

from __future__ import annotations

import cProfile
import signal
import sys
from types import FrameType

from signaling.media import worker


def main() -> None:
    where = sys.argv.pop(1)
    profile = cProfile.Profile()

    def begin(_: int, __: FrameType | None) -> None:
        profile.enable()

    def end(_: int, __: FrameType | None) -> None:
        profile.disable()
        profile.dump_stats(where)

    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    worker.main()


if __name__ == "__main__":
    main()
