"""Files: handed out to whoever may read their channel, as bytes that no browser takes for a page of ours."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web

from mediation.documents.file import FileView, file_for
from mediation.documents.gate import Gate
from mediation.documents.kinds import shows_inline
from mediation.documents.names import content_disposition
from mediation.documents.sounds import sound_of
from mediation.documents.upload import forget_old_uploads
from mediation.errors import NotFound
from mediation.people.looks import NOTED, note_looks
from mediation.ports.blobs import Blobs, Reader
from mediation.store import Store
from web.incoming import Turns
from web.routes import Route
from web.session import signed_in_person

T = TypeVar("T")
log = logging.getLogger(__name__)
TIDY_EVERY = 6 * 3600.0

# Whatever a file holds, it runs nothing and reaches nothing: scripts, forms and frames are off, and its origin is nobody's.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@dataclass(frozen=True)
class Files:
    """What the pages of uploads and files work with."""

    store: Store
    blobs: Blobs
    gate: Gate
    turns: Turns = field(default_factory=Turns)

    @classmethod
    def of(cls, store: Store) -> "Files":
        settings = store.settings
        return cls(store, Blobs(settings.data / "blobs"), Gate(limit=settings.upload_limit))

    async def write(self, use_case: Callable[..., T], **arguments: object) -> T:
        return await asyncio.wrap_future(self.store.write(use_case, **arguments))

    async def read(self, query: Callable[..., T], *arguments: object) -> T:
        return await asyncio.wrap_future(self.store.read(query, *arguments))


FILES = web.AppKey("files", Files)


async def keep_tidy(app: web.Application) -> AsyncIterator[None]:
    """Now and then, removes the bytes that nobody refers to: uploads given up, and what a kill left half done."""

    async def tidy_up() -> None:
        files = app[FILES]
        while True:
            try:
                used = await files.write(forget_old_uploads)
                await asyncio.to_thread(files.blobs.sweep, used=used)
            except OSError:
                log.exception("unused files could not be removed")
            await asyncio.sleep(TIDY_EVERY)

    tidying = asyncio.create_task(tidy_up())
    yield
    tidying.cancel()
    with suppress(asyncio.CancelledError):
        await tidying


async def show_file(request: web.Request) -> web.StreamResponse:
    """A file, its `?preview=1`, or a part of either (RFC 9110, 14)."""
    files = request.app[FILES]
    person, asked = signed_in_person(request).person, request.match_info["file"]
    view = await files.read(file_for, files.store.keys, person, asked)
    is_preview = request.query.get("preview") == "1"
    blob = view.preview if is_preview else view.blob
    if blob is None:
        raise NotFound
    headers = _headers(view, is_preview=is_preview, as_download=request.query.get("download") == "1")
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if not is_preview and view.purpose in NOTED and view.person not in {None, person}:
        await files.write(note_looks, by=person, kind="document", thing=view.id, owners=[view.person])
    reader = await asyncio.to_thread(files.blobs.open, blob, wall=view.wall)
    with closing(reader):
        return await send(request, reader, headers)


async def show_sound(request: web.Request) -> web.StreamResponse:
    """A voice message in the form that everything plays; while it is being made, the answer says so."""
    files = request.app[FILES]
    person, asked = signed_in_person(request).person, request.match_info["file"]
    view = await files.read(file_for, files.store.keys, person, asked)
    if view.sound_state is None:
        raise NotFound
    name = f"{view.name.rpartition('.')[0]}.m4a"
    headers = headers_of("audio/mp4", name, inline=True, tag=f"{view.id}-s")
    reader = await asyncio.to_thread(files.blobs.open, sound_of(view.sound_state, view.sound), wall=view.wall)
    with closing(reader):
        return await send(request, reader, headers)


async def send(request: web.Request, reader: Reader, headers: dict[str, str]) -> web.StreamResponse:
    """All of it, or the one part that was asked for."""
    start, stop, status = 0, reader.size, 200
    if "Range" in request.headers and request.headers.get("If-Range", headers["ETag"]) == headers["ETag"]:
        wanted = _range(request, reader.size)
        if wanted is None:
            return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{reader.size}"})
        start, stop = wanted
        status, headers["Content-Range"] = 206, f"bytes {start}-{stop - 1}/{reader.size}"
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = stop - start
    await response.prepare(request)
    if request.method != "HEAD":
        pieces = reader.read(start, stop)
        while piece := await asyncio.to_thread(next, pieces, b""):
            await response.write(piece)
    await response.write_eof()
    return response


def _range(request: web.Request, size: int) -> tuple[int, int] | None:
    """The one range that was asked for, as far as the file goes; None when the file has nothing there."""
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        return None
    return (start, stop) if start < stop else None


def _headers(view: FileView, *, is_preview: bool, as_download: bool) -> dict[str, str]:
    """What a browser may make of the bytes. Pages show a picture by its preview, which tells neither place nor camera."""
    inline = is_preview or (shows_inline(view.type) and not as_download)
    name = f"{view.name.rpartition('.')[0]}.jpg" if is_preview else view.name
    tag = f"{view.id}-p" if is_preview else view.id
    return headers_of("image/jpeg" if is_preview else view.type, name, inline=inline, tag=tag)


def headers_of(content_type: str, name: str, *, inline: bool, tag: str) -> dict[str, str]:
    """The bytes of others: whatever they are, they run nothing and reach nothing."""
    return {
        "Content-Type": content_type,
        "Content-Disposition": content_disposition(name, inline=inline),
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{tag}"',
    }


routes = (
    Route("GET", "/files/{file}", show_file, "signed_in"),
    Route("GET", "/files/{file}/sound", show_sound, "signed_in"),
)
