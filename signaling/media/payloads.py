"""mediasoup's objects as they arrive and leave: fields we do not know are ignored, as other clients may send more."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Kind = Literal["audio", "video"]
Direction = Literal["send", "recv"]
Source = Literal["mic", "camera", "screen", "screen_sound"]
Ssrc = Annotated[int, Meta(ge=1, le=0xFFFFFFFF)]
Role = Literal["auto", "client", "server"]
# Names and values of other people's protocols: what is longer than any of them is only there to be kept.
Text = Annotated[str, Meta(max_length=256)]
Parameters = Annotated[dict[Text, Any], Meta(max_length=64)]


class Payload(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """An object of mediasoup's protocol; what has its default value is left out on the way to the browser."""


class RtcpFeedback(Payload):
    type: Text
    parameter: Text | None = ""


class CodecCapability(Payload):
    kind: Kind
    mime_type: Text
    clock_rate: int
    preferred_payload_type: int | None = None
    channels: int | None = None
    parameters: Parameters = {}
    rtcp_feedback: Annotated[list[RtcpFeedback], Meta(max_length=64)] = []


class ExtensionCapability(Payload):
    uri: Text
    preferred_id: int
    kind: str | None = None
    preferred_encrypt: bool | None = False
    direction: str | None = "sendrecv"


class RtpCapabilities(Payload):
    codecs: Annotated[list[CodecCapability], Meta(max_length=256)] = []
    header_extensions: Annotated[list[ExtensionCapability], Meta(max_length=256)] = []


class CodecParameters(Payload):
    mime_type: Text
    payload_type: int
    clock_rate: int
    channels: int | None = None
    parameters: Parameters = {}
    rtcp_feedback: Annotated[list[RtcpFeedback], Meta(max_length=64)] = []


class ExtensionParameters(Payload):
    uri: Text
    id: int
    encrypt: bool | None = False


class RtxEncoding(Payload):
    ssrc: Ssrc


class Encoding(Payload):
    ssrc: Ssrc | None = None
    rid: Text | None = None
    codec_payload_type: int | None = None
    rtx: RtxEncoding | None = None
    dtx: bool | None = None
    scalability_mode: Text | None = None


class RtcpParameters(Payload):
    cname: Text | None = None
    reduced_size: bool | None = None
    mux: bool | None = None


class RtpParameters(Payload):
    mid: Text | None = None
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
    algorithm: Text
    value: Text


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
