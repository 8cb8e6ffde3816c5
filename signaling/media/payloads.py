"""mediasoup's objects as they arrive and leave: fields we do not know are ignored, as other clients may send more."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Kind = Literal["audio", "video"]
Direction = Literal["send", "recv"]
Source = Literal["mic", "camera", "screen", "screen_sound"]
Ssrc = Annotated[int, Meta(ge=1, le=0xFFFFFFFF)]
Role = Literal["auto", "client", "server"]


class Payload(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """An object of mediasoup's protocol; what has its default value is left out on the way to the browser."""


class RtcpFeedback(Payload):
    type: str
    parameter: str | None = ""


class CodecCapability(Payload):
    kind: Kind
    mime_type: str
    clock_rate: int
    preferred_payload_type: int | None = None
    channels: int | None = None
    parameters: dict[str, Any] = {}
    rtcp_feedback: list[RtcpFeedback] = []


class ExtensionCapability(Payload):
    uri: str
    preferred_id: int
    kind: str | None = None
    preferred_encrypt: bool | None = False
    direction: str | None = "sendrecv"


class RtpCapabilities(Payload):
    codecs: Annotated[list[CodecCapability], Meta(max_length=256)] = []
    header_extensions: Annotated[list[ExtensionCapability], Meta(max_length=256)] = []


class CodecParameters(Payload):
    mime_type: str
    payload_type: int
    clock_rate: int
    channels: int | None = None
    parameters: dict[str, Any] = {}
    rtcp_feedback: list[RtcpFeedback] = []


class ExtensionParameters(Payload):
    uri: str
    id: int
    encrypt: bool | None = False


class RtxEncoding(Payload):
    ssrc: Ssrc


class Encoding(Payload):
    ssrc: Ssrc | None = None
    rid: str | None = None
    codec_payload_type: int | None = None
    rtx: RtxEncoding | None = None
    dtx: bool | None = None
    scalability_mode: str | None = None


class RtcpParameters(Payload):
    cname: str | None = None
    reduced_size: bool | None = None
    mux: bool | None = None


class RtpParameters(Payload):
    mid: str | None = None
    codecs: Annotated[list[CodecParameters], Meta(max_length=64)] = []
    header_extensions: Annotated[list[ExtensionParameters], Meta(max_length=64)] = []
    encodings: Annotated[list[Encoding], Meta(max_length=4)] = []
    rtcp: RtcpParameters | None = None


class IceParameters(Payload):
    username_fragment: str
    password: str
    ice_lite: bool = False


class IceCandidate(Payload):
    foundation: str
    priority: int
    ip: str
    address: str
    port: int
    protocol: Literal["udp", "tcp"]
    type: Literal["host"] = field(name="type")
    tcp_type: Literal["passive"] | None = None


class Fingerprint(Payload):
    algorithm: str
    value: str


class DtlsParameters(Payload):
    fingerprints: Annotated[list[Fingerprint], Meta(max_length=16)]
    role: Role = field(default="auto")


class TransportOptions(Payload):
    """What a browser needs to make its side of a transport."""

    id: str
    ice_parameters: IceParameters
    ice_candidates: list[IceCandidate]
    dtls_parameters: DtlsParameters


class ConsumerOptions(Payload):
    """What a browser needs to receive one producer; it is made paused and waits for `resume_consumer`."""

    id: str
    producer_id: str
    kind: Kind
    rtp_parameters: RtpParameters
    paused: Literal[True]
