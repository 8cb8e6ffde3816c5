"""From what both sides can do to what is sent: codecs, payload types and header extensions of different clients."""

from __future__ import annotations

import msgspec
import pytest

from signaling.media.errors import MediaError
from signaling.media.extensions import ABS_SEND_TIME, AUDIO_LEVEL, MID, TRANSPORT_CC
from signaling.media.ortc import Mapping, map_consumer, map_producer, router_capabilities
from signaling.media.payloads import CodecCapability, Kind, RtpCapabilities, RtpParameters


def camera(mime_type: str = "video/VP8", **parameters: object) -> RtpParameters:
    """A producer as Chromium describes it, with ids of its own."""
    return msgspec.convert(
        {
            "mid": "1",
            "codecs": [
                {"mimeType": mime_type, "payloadType": 96, "clockRate": 90000, "parameters": parameters},
                {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
            ],
            "headerExtensions": [{"uri": MID, "id": 9}, {"uri": ABS_SEND_TIME, "id": 2}],
            "encodings": [{"ssrc": 11, "rtx": {"ssrc": 12}, "maxBitrate": 300000}],
            "rtcp": {"cname": "", "reducedSize": True},
            "somethingNew": 1,
        },
        RtpParameters,
    )


def microphone() -> RtpParameters:
    codec = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}
    return msgspec.convert({"codecs": [codec], "encodings": [{"ssrc": 21}]}, RtpParameters)


def consumed(mapping: Mapping, kind: Kind, wanted: RtpCapabilities) -> RtpParameters:
    return map_consumer(mapping, kind, wanted, mid="0", ssrc=1, rtx_ssrc=2, cname="c")


def test_a_producer_is_read_by_uri_whatever_its_ids() -> None:
    mapping = map_producer("video", camera())

    assert (mapping.payload_type, mapping.rtx_payload_type, mapping.router_payload_type) == (96, 97, 101)
    assert mapping.extension_ids == {MID: 9, ABS_SEND_TIME: 2}


def test_a_consumer_gets_the_routers_numbers_and_no_transport_cc() -> None:
    parameters = consumed(map_producer("video", camera()), "video", router_capabilities())

    assert [codec.payload_type for codec in parameters.codecs] == [101, 102]
    assert parameters.codecs[1].parameters == {"apt": 101}
    assert "transport-cc" not in {feedback.type for feedback in parameters.codecs[0].rtcp_feedback}
    assert TRANSPORT_CC not in {extension.uri for extension in parameters.header_extensions}
    assert parameters.encodings[0].rtx is not None


def test_extensions_that_a_client_lists_under_video_only_are_used_for_sound_too() -> None:
    wanted = router_capabilities()
    wanted.header_extensions = [
        each for each in wanted.header_extensions if each.kind == "video" or each.uri == AUDIO_LEVEL
    ]

    parameters = consumed(map_producer("audio", microphone()), "audio", wanted)

    assert {each.uri for each in parameters.header_extensions} == {MID, ABS_SEND_TIME, AUDIO_LEVEL}


def test_an_extension_under_another_id_is_not_used() -> None:
    wanted = router_capabilities()
    for each in wanted.header_extensions:
        each.preferred_id += 1

    assert consumed(map_producer("audio", microphone()), "audio", wanted).header_extensions == []


def test_without_a_shared_codec_nothing_can_be_consumed() -> None:
    wanted = router_capabilities()
    wanted.codecs = [codec for codec in wanted.codecs if codec.mime_type != "video/VP8"]

    with pytest.raises(MediaError, match="cannot_consume"):
        consumed(map_producer("video", camera()), "video", wanted)


def test_a_client_without_rtx_gets_none() -> None:
    wanted = router_capabilities()
    wanted.codecs = [codec for codec in wanted.codecs if codec.mime_type == "video/VP8"]

    parameters = consumed(map_producer("video", camera()), "video", wanted)

    assert len(parameters.codecs) == 1
    assert parameters.encodings[0].rtx is None


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [
        ({"packetization-mode": 1, "profile-level-id": "42e01f"}, True),
        ({"packetization-mode": 1, "profile-level-id": "42e034"}, True),
        ({"packetization-mode": 0, "profile-level-id": "42e01f"}, False),
        ({"packetization-mode": 1, "profile-level-id": "640c1f"}, False),
        ({"packetization-mode": "1", "profile-level-id": "42E01F"}, True),
        ({"packetization-mode": None, "profile-level-id": "nonsense"}, False),
    ],
)
def test_h264_is_passed_on_as_constrained_baseline_only(
    parameters: dict[str, object], accepted: bool
) -> None:
    described = camera("video/H264", **parameters)

    if accepted:
        assert map_producer("video", described).router_payload_type == 103
    else:
        with pytest.raises(MediaError, match="unsupported_codec"):
            map_producer("video", described)


@pytest.mark.parametrize("payload_type", [0, 72, 95, 128, 200])
def test_payload_types_that_look_like_rtcp_are_refused(payload_type: int) -> None:
    described = camera()
    described.codecs[0].payload_type = payload_type

    with pytest.raises(MediaError, match="bad_parameters"):
        map_producer("video", described)


def test_a_producer_without_codec_or_of_another_kind_is_refused() -> None:
    with pytest.raises(MediaError, match="bad_parameters"):
        map_producer("video", RtpParameters())
    with pytest.raises(MediaError, match="unsupported_codec"):
        map_producer("audio", camera())


def test_the_routers_payload_types_stay_clear_of_rtcp_and_of_the_probator() -> None:
    numbers = [codec.preferred_payload_type for codec in router_capabilities().codecs]

    assert len(set(numbers)) == len(numbers)
    assert all(number is not None and 96 <= number < 127 for number in numbers)


def test_capabilities_go_to_the_browser_under_mediasoups_names() -> None:
    opus = msgspec.to_builtins(router_capabilities())["codecs"][0]

    assert opus["mimeType"] == "audio/opus"
    assert opus["preferredPayloadType"] == 100
    assert opus["parameters"]["useinbandfec"] == 1
    assert msgspec.convert(opus, CodecCapability).channels == 2


def test_what_a_producer_says_of_itself_cannot_write_into_others_sdp() -> None:
    described = microphone()
    described.codecs[0].parameters = {
        "stereo": 1,
        "x\r\na=candidate": 1,
        "usedtx": "1\r\na=ice-lite",
        "ptime": 20,
    }

    parameters = consumed(map_producer("audio", described), "audio", router_capabilities())

    assert parameters.codecs[0].parameters == {"stereo": 1, "ptime": 20, "minptime": 10, "useinbandfec": 1}
    with pytest.raises(MediaError, match="unsupported_codec"):
        map_producer(
            "video", camera("video/H264", **{"packetization-mode": 1, "profile-level-id": "42e01f\r\n"})
        )


@pytest.mark.parametrize("ssrc", [0, -1, 2**32, 2**70])
def test_an_ssrc_has_32_bits(ssrc: int) -> None:
    described = camera()
    described.encodings[0].ssrc = ssrc

    with pytest.raises(MediaError, match="bad_parameters"):
        map_producer("video", described)
