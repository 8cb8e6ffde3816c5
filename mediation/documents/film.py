"""Opens sound and film: how long, how large, a still picture, and sound in a form that every telephone plays.

Runs in a process of its own (`checker`): these are decoders for what strangers sent.
"""

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, cast

import av
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from mediation.documents.office import Unacceptable
from mediation.documents.picture import LONGEST_SIDE, plain_jpeg

LONGEST_VOICE_MS = 310_000
SHORTEST_VOICE_MS = 500
MOST_PIXELS = 40_000_000
RATE = 48_000
BITS = 48_000


@dataclass(frozen=True)
class Clip:
    """A film as it may be announced: its length, its upright size, and a JPEG of one of its first pictures."""

    ms: int
    width: int
    height: int
    jpeg: bytes


def measure_voice(file: BinaryIO) -> int:
    """The length in milliseconds, counted from its packets; raises `Unacceptable` when it is not one sound of a fair length."""
    try:
        with _open(file) as container:
            if container.streams.video or len(container.streams.audio) != 1:
                raise Unacceptable("not_a_voice")
            ms = _length(container)
    except (av.error.FFmpegError, ValueError) as error:
        raise Unacceptable("damaged") from error
    if ms < SHORTEST_VOICE_MS:
        raise Unacceptable("voice_too_short")
    if ms > LONGEST_VOICE_MS:
        raise Unacceptable("voice_too_long")
    return ms


def look_at_clip(file: BinaryIO) -> Clip:
    """Raises `Unacceptable` when there is no film in it, or none that can be opened."""
    try:
        with _open(file) as container:
            if not container.streams.video:
                raise Unacceptable("not_a_film")
            stream = container.streams.video[0]
            if stream.width * stream.height > MOST_PIXELS:
                raise Unacceptable("too_many_pixels")
            still = _still(container, stream)
            upright = _upright(still)
            ms = round(container.duration / 1000) if container.duration else _length(container)
            upright_size = upright.size
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return Clip(ms, *upright_size, plain_jpeg(upright))
    except (av.error.FFmpegError, ValueError) as error:
        raise Unacceptable("damaged") from error
    except MemoryError as error:
        raise Unacceptable("too_many_pixels") from error


def to_m4a(file: BinaryIO) -> bytes:
    """The same sound as AAC in an MP4 whose table of contents stands in front: it plays, and can be sought in, everywhere."""
    written = io.BytesIO()
    try:
        with _open(file) as container:
            room = 16_384 + _length(container) * RATE // 1000 // 1024 * 8
            file.seek(0)
        options = {"moov_size": str(room)}
        with _open(file) as container, av.open(written, "w", format="ipod", options=options) as made:
            _recode(container, made)
    except (av.error.FFmpegError, ValueError) as error:
        raise Unacceptable("damaged") from error
    return written.getvalue()


def _open(file: BinaryIO) -> InputContainer:
    return av.open(file, "r", metadata_errors="ignore")


def _recode(container: InputContainer, made: OutputContainer) -> None:
    source = container.streams.audio[0]
    source.codec_context.thread_count = 1
    target = made.add_stream("aac", rate=RATE, layout="mono")
    target.bit_rate, target.codec_context.thread_count = BITS, 1
    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE)
    at = 0
    for frame in container.decode(source):
        # A gap in the packets is closed, as a player closes it: what was said follows without a hole.
        frame.pts = None
        for piece in resampler.resample(frame):
            piece.pts, piece.time_base = at, Fraction(1, RATE)
            at += piece.samples
            made.mux(target.encode(piece))
    made.mux(target.encode(None))


def _length(container: InputContainer) -> int:
    """In milliseconds; counted, because what the head of a file says is only a claim, and browsers write none."""
    end = Fraction(0)
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
    return round(end * 1000)


def _still(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """The first picture that can be decoded, a second in where there is so much: the very first one is often black."""
    stream.thread_count = 1
    stream.thread_type = "NONE"
    if (container.duration or 0) > 3_000_000:
        container.seek(1_000_000)
    for frame in container.decode(stream):
        return frame
    raise Unacceptable("damaged")


def _upright(frame: VideoFrame) -> Image.Image:
    """Telephones film lying on their side and say so."""
    picture = cast("Image.Image", frame.to_image())  # type: ignore[no-untyped-call]
    return picture.rotate(frame.rotation, expand=True)
