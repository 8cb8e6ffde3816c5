"""What both sides can do, and what follows from it: pure functions from capabilities and parameters to parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from signaling.media.errors import MediaError
from signaling.media.extensions import EXTENSIONS
from signaling.media.payloads import (
    CodecCapability,
    CodecParameters,
    Encoding,
    ExtensionCapability,
    ExtensionParameters,
    Kind,
    RtcpFeedback,
    RtcpParameters,
    RtpCapabilities,
    RtpParameters,
    RtxEncoding,
)

_VIDEO_FEEDBACK = (
    ("nack", ""),
    ("nack", "pli"),
    ("ccm", "fir"),
    ("goog-remb", ""),
    ("transport-cc", ""),
)
_AUDIO_FEEDBACK = (("nack", ""), ("transport-cc", ""))

# Payload types stay at 96 and above (192-223 in the second byte is RTCP), and 127 is the client's own probator.
_VIDEO_CODECS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("video/VP8", 101, {}),
    (
        "video/H264",
        103,
        {"packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1},
    ),
    ("video/VP9", 105, {"profile-id": 0}),
    ("video/AV1", 107, {}),
)

_PASSED_ON = (
    "stereo",
    "sprop-stereo",
    "usedtx",
    "ptime",
    "maxptime",
    "maxaveragebitrate",
    "profile",
    "level-idx",
    "tier",
)


def _feedback(pairs: tuple[tuple[str, str], ...]) -> list[RtcpFeedback]:
    return [RtcpFeedback(type=name, parameter=parameter) for name, parameter in pairs]


def router_capabilities() -> RtpCapabilities:
    """What this server forwards; `Device.load()` in the browser is fed with it."""
    codecs = [
        CodecCapability(
            kind="audio",
            mime_type="audio/opus",
            preferred_payload_type=100,
            clock_rate=48000,
            channels=2,
            parameters={"minptime": 10, "useinbandfec": 1},
            rtcp_feedback=_feedback(_AUDIO_FEEDBACK),
        )
    ]
    for mime_type, payload_type, parameters in _VIDEO_CODECS:
        codecs.append(
            CodecCapability(
                kind="video",
                mime_type=mime_type,
                preferred_payload_type=payload_type,
                clock_rate=90000,
                parameters=dict(parameters),
                rtcp_feedback=_feedback(_VIDEO_FEEDBACK),
            )
        )
        codecs.append(
            CodecCapability(
                kind="video",
                mime_type="video/rtx",
                preferred_payload_type=payload_type + 1,
                clock_rate=90000,
                parameters={"apt": payload_type},
            )
        )
    extensions = [
        ExtensionCapability(kind=kind, uri=uri, preferred_id=number, direction=direction)
        for uri, number, direction, kinds in EXTENSIONS
        for kind in kinds
    ]
    return RtpCapabilities(codecs=codecs, header_extensions=extensions)


ROUTER = router_capabilities()


@dataclass(frozen=True)
class Mapping:
    """How a producer's packets are read, and as what they are passed on."""

    mime_type: str
    clock_rate: int
    payload_type: int
    rtx_payload_type: int | None
    router_payload_type: int
    extension_ids: dict[str, int]
    codec: CodecParameters


def map_producer(kind: Kind, parameters: RtpParameters) -> Mapping:
    """Read a producer's parameters; only its first codec is passed on, as clients send one."""
    if not parameters.codecs or not parameters.encodings:
        raise MediaError("bad_parameters", "a producer needs a codec and an encoding")
    ssrcs = [each.ssrc for each in parameters.encodings] + [
        each.rtx.ssrc for each in parameters.encodings if each.rtx
    ]
    if not all(ssrc is None or 0 < ssrc <= 0xFFFFFFFF for ssrc in ssrcs):
        raise MediaError("bad_parameters", "an SSRC has 32 bits")
    first = parameters.codecs[0]
    known = next((codec for codec in ROUTER.codecs if codec.kind == kind and same_codec(codec, first)), None)
    if known is None or is_rtx(first.mime_type):
        raise MediaError("unsupported_codec", f"{first.mime_type} is not forwarded here")
    payload_types = [codec.payload_type for codec in parameters.codecs]
    if len(set(payload_types)) != len(payload_types) or not all(
        96 <= number <= 127 for number in payload_types
    ):
        raise MediaError("bad_parameters", "payload types are to be different, from 96 to 127")
    extension_ids = {extension.uri: extension.id for extension in parameters.header_extensions}
    if not all(1 <= number <= 255 for number in extension_ids.values()):
        raise MediaError("bad_parameters", "header extension ids are to be from 1 to 255")
    assert known.preferred_payload_type is not None
    return Mapping(
        mime_type=known.mime_type,
        clock_rate=known.clock_rate,
        payload_type=first.payload_type,
        rtx_payload_type=_rtx_of(parameters.codecs, first.payload_type),
        router_payload_type=known.preferred_payload_type,
        extension_ids=extension_ids,
        codec=_of_use(first),
    )


def map_consumer(
    mapping: Mapping, kind: Kind, wanted: RtpCapabilities, *, mid: str, ssrc: int, rtx_ssrc: int, cname: str
) -> RtpParameters:
    """The parameters of one consumer of that producer, or `cannot_consume` when no codec is shared."""
    theirs = _theirs(mapping, wanted)
    if theirs is None:
        raise MediaError("cannot_consume", f"no shared codec for {mapping.mime_type}")
    ours = next(
        codec for codec in ROUTER.codecs if codec.preferred_payload_type == mapping.router_payload_type
    )
    accepted = {(feedback.type, feedback.parameter or "") for feedback in theirs.rtcp_feedback}
    codecs = [
        CodecParameters(
            mime_type=ours.mime_type,
            payload_type=mapping.router_payload_type,
            clock_rate=ours.clock_rate,
            channels=ours.channels,
            parameters=_passed_on(mapping.codec) | ours.parameters | _profile_of(mapping.codec),
            rtcp_feedback=[
                feedback
                for feedback in ours.rtcp_feedback
                if (feedback.type, feedback.parameter) in accepted and feedback.type != "transport-cc"
            ],
        )
    ]
    rtx = rtx_wanted(mapping, wanted)
    if rtx is not None:
        codecs.append(
            CodecParameters(
                mime_type="video/rtx",
                payload_type=rtx,
                clock_rate=90000,
                parameters={"apt": mapping.router_payload_type},
            )
        )
    return RtpParameters(
        mid=mid,
        codecs=codecs,
        header_extensions=[
            ExtensionParameters(uri=uri, id=number) for uri, number in _extensions(kind, wanted).items()
        ],
        encodings=[Encoding(ssrc=ssrc, rtx=RtxEncoding(ssrc=rtx_ssrc) if rtx is not None else None)],
        rtcp=RtcpParameters(cname=cname, reduced_size=True, mux=True),
    )


def rtx_wanted(mapping: Mapping, wanted: RtpCapabilities) -> int | None:
    """The payload type of retransmissions to this consumer, when it can take them."""
    theirs = _theirs(mapping, wanted)
    if theirs is None or not mapping.mime_type.startswith("video/"):
        return None
    for codec in wanted.codecs:
        if is_rtx(codec.mime_type) and codec.parameters.get("apt") == theirs.preferred_payload_type:
            return mapping.router_payload_type + 1
    return None


def same_codec(ours: CodecCapability, theirs: CodecCapability | CodecParameters) -> bool:
    """Whether a packet of one can be decoded as the other."""
    if ours.mime_type.lower() != theirs.mime_type.lower() or ours.clock_rate != theirs.clock_rate:
        return False
    if ours.kind == "audio" and (ours.channels or 1) != (theirs.channels or 1):
        return False
    name = ours.mime_type.lower()
    if name == "video/h264":
        mode = "packetization-mode"
        return _number(ours, mode) == _number(theirs, mode) and _baseline(ours) == _baseline(theirs)
    if name == "video/vp9":
        return _number(ours, "profile-id") == _number(theirs, "profile-id")
    return True


def is_rtx(mime_type: str) -> bool:
    return mime_type.lower().endswith("/rtx")


def _theirs(mapping: Mapping, wanted: RtpCapabilities) -> CodecCapability | None:
    ours = next(
        codec for codec in ROUTER.codecs if codec.preferred_payload_type == mapping.router_payload_type
    )
    return next((codec for codec in wanted.codecs if same_codec(ours, codec)), None)


def _rtx_of(codecs: list[CodecParameters], payload_type: int) -> int | None:
    for codec in codecs:
        if is_rtx(codec.mime_type) and codec.parameters.get("apt") == payload_type:
            return codec.payload_type
    return None


def _extensions(kind: Kind, wanted: RtpCapabilities) -> dict[str, int]:
    """Shared extensions by (uri, id): clients list those of both kinds under `video` only."""
    theirs = {(extension.uri, extension.preferred_id) for extension in wanted.header_extensions}
    return {
        uri: number
        for uri, number, direction, kinds in EXTENSIONS
        if direction == "sendrecv" and kind in kinds and (uri, number) in theirs
    }


def _passed_on(codec: CodecParameters) -> dict[str, Any]:
    """What a producer says of its own stream. Numbers under known names only: all this ends up in others' SDP."""
    return {
        name: value
        for name, value in codec.parameters.items()
        if name in _PASSED_ON and isinstance(value, int) and 0 <= value <= 1_000_000
    }


def _of_use(codec: CodecParameters) -> CodecParameters:
    """What is kept of a producer's codec for as long as it lives."""
    return CodecParameters(
        mime_type=codec.mime_type,
        payload_type=codec.payload_type,
        clock_rate=codec.clock_rate,
        channels=codec.channels,
        parameters=_passed_on(codec) | _profile_of(codec),
    )


def _profile_of(codec: CodecParameters) -> dict[str, Any]:
    """A producer's own H.264 profile and level, which its consumers' decoders have to know."""
    profile = codec.parameters.get("profile-level-id")
    return {"profile-level-id": profile} if codec.mime_type.lower() == "video/h264" and profile else {}


def _number(codec: CodecCapability | CodecParameters, name: str) -> int:
    try:
        return int(codec.parameters.get(name) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _baseline(codec: CodecCapability | CodecParameters) -> bool:
    """Constrained baseline: profile 42 with constraint set 1, or none given."""
    profile = str(codec.parameters.get("profile-level-id") or "42e01f").lower()
    return bool(re.fullmatch("42[4-7c-f][0-9a-f]{3}", profile))
