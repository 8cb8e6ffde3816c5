"""Uploads by tus 1.0.0 (core and creation): https://tus.io/protocols/resumable-upload

A file comes in as many requests as the line needs. Every byte that was acknowledged is on disk; the answer to the last one says
where the file is in its channel. A page's own script is the only browser code that can send these requests: they carry headers
that a foreign page may not set.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from functools import partial, wraps

from aiohttp import web

from mediation.documents.receiving import receive
from mediation.documents.telling import Told
from mediation.documents.upload import (
    Finished,
    UploadView,
    advance_upload,
    begin_upload,
    drop_upload,
    finish_upload,
    upload_for,
)
from mediation.errors import Invalid, Refusal, TooLarge, WrongState
from web.incoming import NoRoom, in_thread, noticing_a_full_disk, take_in
from web.pages.files import FILES, Files
from web.routes import Route
from web.session import signed_in_person

VERSION = "1.0.0"
BODY = "application/offset+octet-stream"
HEADERS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
LONGEST_METADATA = 8192


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WrongOffset(WrongState):
    """The client is elsewhere than the upload: it asks with HEAD and goes on."""

    code = "wrong_offset"


class OtherBody(Refusal):
    """The body is not what tus sends."""

    code, status = "invalid", 415


def speaking_tus(handler: Handler) -> Handler:
    """Answers who speaks another version of the protocol as the protocol says."""

    @wraps(handler)
    async def asked(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Tus-Resumable") != VERSION:
            return web.Response(status=412, headers=HEADERS | {"Tus-Version": VERSION})
        return await handler(request)

    return asked


async def describe_uploads(request: web.Request) -> web.Response:
    """What we take: tus' own way of asking."""
    most = str(request.app[FILES].store.settings.upload_limit)
    told = {"Tus-Version": VERSION, "Tus-Extension": "creation", "Tus-Max-Size": most}
    return web.Response(status=204, headers=HEADERS | told)


@speaking_tus
async def create_upload(request: web.Request) -> web.Response:
    """Announces a file; the same `client_id` again gets the same place to send it to."""
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    upload = await request.app[FILES].write(
        begin_upload,
        by=signed_in_person(request).person,
        channel=told.get("channel", ""),
        client_id=told.get("client_id", ""),
        purpose=told.get("purpose", ""),
        name=told.get("filename", ""),
        claimed=told.get("filetype", ""),
        title=told.get("title", ""),
        told=Told.of(told),
        size=_number(request, "Upload-Length"),
    )
    place = {"Location": f"/uploads/{upload.id}", "Upload-Offset": str(upload.received)}
    return web.Response(status=201, headers=HEADERS | place)


@speaking_tus
async def show_upload(request: web.Request) -> web.Response:
    """Where to go on. Asking ends an earlier request that still holds the upload: its sender is the one who asks."""
    files, own = request.app[FILES], await _own(request)
    async with files.turns.take(own.id):
        upload = await _own(request)
    where = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)}
    return web.Response(headers=HEADERS | where)


@speaking_tus
async def go_on_with_upload(request: web.Request) -> web.Response:
    """Takes the next bytes; after the last one the file is in its channel, and the answer says where."""
    if request.content_type != BODY:
        raise OtherBody("documents.not_announced")
    files, own, offset = request.app[FILES], await _own(request), _number(request, "Upload-Offset")
    async with files.turns.take(own.id) as leave:
        upload = await _own(request)
        if offset != upload.received:
            raise WrongOffset("documents.wrong_offset")
        if (request.content_length or 0) > upload.size - offset:
            raise TooLarge("documents.longer_than_announced")
        if offset < upload.size:
            offset = await _take_in(request, files, upload, leave)
        where = {"Upload-Offset": str(offset)}
        if offset < upload.size:
            return web.Response(status=204, headers=HEADERS | where)
        finished = await _finish(files, upload, signed_in_person(request).person)
    return web.json_response(_answer(finished), headers=HEADERS | where)


async def _take_in(request: web.Request, files: Files, upload: UploadView, leave: asyncio.Event) -> int:
    async def advance(received: int) -> int:
        by = signed_in_person(request).person
        return await files.write(advance_upload, by=by, upload=upload.id, received=received)

    part = files.blobs.part(upload.id, wall=upload.wall)
    return await take_in(
        request.content, part, offset=upload.received, size=upload.size, leave=leave, advance=advance
    )


async def _finish(files: Files, upload: UploadView, by: str) -> Finished:
    """The steps after the last byte. Whichever of them is cut off, the next PATCH begins here again."""
    part = files.blobs.part(upload.id, wall=upload.wall)
    finished = await files.write(finish_upload, by=by, upload=upload.id)
    if finished is None:
        try:
            with noticing_a_full_disk():
                arrived = await in_thread(partial(receive, files.blobs, files.gate, upload))
        except NoRoom:
            raise
        except Refusal:
            await files.write(drop_upload, by=by, upload=upload.id)
            await in_thread(part.remove)
            raise
        finished = await files.write(finish_upload, by=by, upload=upload.id, arrived=arrived)
    await in_thread(part.remove)
    if finished is None:
        raise RuntimeError("an upload that arrived was not finished")
    return finished


async def _own(request: web.Request) -> UploadView:
    files = request.app[FILES]
    return await files.read(
        upload_for, files.store.keys, signed_in_person(request).person, request.match_info["upload"]
    )


def _answer(finished: Finished) -> dict[str, object]:
    entry = finished.entry
    document = dict(finished.document) if finished.document else None
    return {"entry": {"seq": entry.seq, "id": entry.id, "hash": entry.hash}, "document": document}


def _number(request: web.Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid("documents.not_announced")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """`key base64, key base64`: keys and values of an announcement."""
    if len(header) > LONGEST_METADATA:
        raise Invalid("documents.not_announced")
    found: dict[str, str] = {}
    try:
        for pair in header.split(","):
            key, _, value = pair.strip().partition(" ")
            found[key] = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Invalid("documents.not_announced") from error
    return found


routes = (
    Route("OPTIONS", "/uploads", describe_uploads, "anyone"),
    Route("POST", "/uploads", create_upload, "signed_in"),
    Route("HEAD", "/uploads/{upload}", show_upload, "signed_in"),
    Route("PATCH", "/uploads/{upload}", go_on_with_upload, "signed_in"),
)
