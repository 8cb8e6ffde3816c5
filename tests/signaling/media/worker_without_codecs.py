"""The media worker in a process where whoever asks for an encoder or a decoder fails."""

from __future__ import annotations

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender

from signaling.media.worker import main


def refuse(*_: object) -> None:
    raise AssertionError("the media worker neither encodes nor decodes")


for module in (aiortc.codecs, aiortc.rtcrtpreceiver, aiortc.rtcrtpsender):
    for name in ("get_decoder", "get_encoder"):
        if hasattr(module, name):
            setattr(module, name, refuse)

if __name__ == "__main__":
    main()
