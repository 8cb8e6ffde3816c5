"""Recordings: which there are of a case, for everybody in it; the film and its tracks, for who may look. Each look is noted."""

import asyncio
from contextlib import closing

from aiohttp import web

from mediation.cases.case import standings_in
from mediation.errors import NotFound
from mediation.hearings.composing import compose_again, films
from mediation.hearings.replay import note_look, recording_for, recordings_in, track_for
from mediation.ports.blobs import Reader, read_plain
from web.pages.files import headers_of, send
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def list_recordings(request: web.Request) -> web.Response:
    """GET /cases/{case}/recordings"""
    server, who = request.app[SERVER], signed_in_person(request)
    case, shown = await server.read(recordings_in, who.person, request.match_info["case"])
    people = await server.read(standings_in, case.id)
    names = {one.person: one.name for one in people}
    return render(request, "recordings/list.html", case=case, recordings=shown, names=names)


async def show_film(request: web.Request) -> web.StreamResponse:
    """GET /recordings/{recording}/film, or a part of it"""
    server, who = request.app[SERVER], signed_in_person(request)
    tape, _ = await server.read(recording_for, who.person, request.match_info["recording"])
    if tape.film is None or tape.film_sha256 is None:
        raise NotFound
    await server.write(note_look, by=who.person, recording=tape.id)
    reader = await asyncio.to_thread(films(server.settings.data).open, tape.film)
    is_shown = request.query.get("download") != "1"
    return await _hand_out(request, reader, "video/mp4", f"{tape.id}.mp4", tape.film_sha256, inline=is_shown)


async def show_track(request: web.Request) -> web.StreamResponse:
    """GET /recordings/tracks/{track}: one file as it came, to keep."""
    server, who = request.app[SERVER], signed_in_person(request)
    asked = request.match_info["track"]
    track, file = await server.read(track_for, who.person, asked, server.settings.data)
    await server.write(note_look, by=who.person, recording=track.recording_id, track=track.id)
    try:
        reader = await asyncio.to_thread(read_plain, file)
    except FileNotFoundError as error:  # erased, when its time was over
        raise NotFound from error
    return await _hand_out(
        request, reader, "video/x-matroska", f"{track.source}-{track.id}.mkv", track.sha256
    )


async def compose(request: web.Request) -> web.Response:
    """POST /recordings/{recording}/film: once more, after something was put in order."""
    server, who = request.app[SERVER], signed_in_person(request)
    tape, case = await server.read(recording_for, who.person, request.match_info["recording"])
    await server.write(compose_again, recording=tape.id)
    return see_other(f"/cases/{case}/recordings")


async def _hand_out(
    request: web.Request, reader: Reader, content_type: str, name: str, tag: str, *, inline: bool = False
) -> web.StreamResponse:
    with closing(reader):
        return await send(request, reader, headers_of(content_type, name, inline=inline, tag=tag))


routes = (
    Route("GET", "/cases/{case}/recordings", list_recordings, "case"),
    Route("GET", "/recordings/{recording}/film", show_film, "case"),
    Route("POST", "/recordings/{recording}/film", compose, "case"),
    Route("GET", "/recordings/tracks/{track}", show_track, "case"),
)
