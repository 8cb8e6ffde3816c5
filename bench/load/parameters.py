"""What a client says of its streams, in mediasoup's objects and in SDP."""

from __future__ import annotations

from bench.load.tracks import CAMERA_MID, CC_ID, LEVEL_ID, MID_ID, OPUS, SEND_TIME_ID, VOICE_MID, VP8, VP8_RTX
from signaling.media.extensions import ABS_SEND_TIME, AUDIO_LEVEL, MID, TRANSPORT_CC
from signaling.media.payloads import (
    CodecParameters,
    Encoding,
    ExtensionParameters,
    Fingerprint,
    Kind,
    RtcpParameters,
    RtpParameters,
    RtxEncoding,
)

_IDS = {MID: MID_ID, ABS_SEND_TIME: SEND_TIME_ID, TRANSPORT_CC: CC_ID}
_MAPS = {"audio": f"{OPUS} opus/48000/2", "video": f"{VP8} VP8/90000"}


def voice_of(room: int, place: int) -> int:
    """The SSRC of somebody's microphone; the camera's is the next, and its repairs' the one after."""
    return 0x10000000 + room * 0x100 + place * 4


def camera_of(room: int, place: int) -> int:
    return voice_of(room, place) + 1


def voice_parameters(ssrc: int) -> RtpParameters:
    opus = CodecParameters(
        mime_type="audio/opus",
        payload_type=OPUS,
        clock_rate=48000,
        channels=2,
        parameters={"minptime": 10, "useinbandfec": 1},
    )
    return _parameters("audio", [opus], Encoding(ssrc=ssrc))


def camera_parameters(ssrc: int) -> RtpParameters:
    codecs = [
        CodecParameters(mime_type="video/VP8", payload_type=VP8, clock_rate=90000),
        CodecParameters(
            mime_type="video/rtx", payload_type=VP8_RTX, clock_rate=90000, parameters={"apt": VP8}
        ),
    ]
    return _parameters("video", codecs, Encoding(ssrc=ssrc, rtx=RtxEncoding(ssrc=ssrc + 1)))


def _parameters(kind: Kind, codecs: list[CodecParameters], encoding: Encoding) -> RtpParameters:
    ids = _IDS | ({AUDIO_LEVEL: LEVEL_ID} if kind == "audio" else {})
    return RtpParameters(
        mid=(VOICE_MID if kind == "audio" else CAMERA_MID).decode(),
        codecs=codecs,
        header_extensions=[ExtensionParameters(uri=uri, id=number) for uri, number in ids.items()],
        encodings=[encoding],
        rtcp=RtcpParameters(cname="bench", reduced_size=True),
    )


def offer(kinds: list[str], direction: str, own: tuple[str, str], fingerprint: Fingerprint) -> str:
    """SDP for a transport that carries these kinds one way; its only candidate is the one that will send checks."""
    mids = " ".join(str(place) for place in range(len(kinds)))
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for mid, kind in enumerate(kinds):
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {_MAPS[kind].partition(' ')[0]}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a={direction}",
            "a=rtcp-mux",
            f"a=ice-ufrag:{own[0]}",
            f"a=ice-pwd:{own[1]}",
            f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}",
            "a=setup:active",
            f"a=rtpmap:{_MAPS[kind]}",
        ]
    return "\r\n".join([*lines, ""])
