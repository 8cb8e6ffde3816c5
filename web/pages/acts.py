"""A person's own record: every act of theirs that was recorded, wherever it was, and who looked at what is theirs (Q1)."""

import csv
import io
import json
from collections.abc import Sequence

from aiohttp import web

from web.acts_view import Act, acts_for, asked_for
from web.respond import reader_behind, render
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

A_PAGE = 50
MOST = 20_000
COLUMNS = ("at", "kind", "by", "case", "thing", "hash")


async def list_acts(request: web.Request) -> web.Response:
    """GET /acts"""
    acts = await _asked(request, limit=A_PAGE + 1)
    older = acts[A_PAGE - 1].at if len(acts) > A_PAGE else ""
    return render(request, "acts/list.html", acts=acts[:A_PAGE], older=older, asked=request.query)


async def table_of_acts(request: web.Request) -> web.Response:
    """GET /acts/csv: the same lines, to keep."""
    return _download(_as_csv(await _asked(request, limit=MOST)), "text/csv", "acts.csv")


async def data_of_acts(request: web.Request) -> web.Response:
    """GET /acts/json: likewise."""
    return _download(_as_json(await _asked(request, limit=MOST)), "application/json", "acts.json")


def _download(text: str, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)


async def _asked(request: web.Request, *, limit: int) -> list[Act]:
    server, who = request.app[SERVER], signed_in_person(request)
    asked = asked_for(request.query, reader_behind(request).zone)
    return await server.read(acts_for, server.store.keys, who.person, asked, limit=limit)


def _rows(acts: Sequence[Act]) -> list[dict[str, str]]:
    return [{name: getattr(act, name) for name in COLUMNS} for act in acts]


def _as_csv(acts: Sequence[Act]) -> str:
    """With a mark at the beginning by which spreadsheets know the letters; no cell of it is taken for a formula."""
    written = io.StringIO()
    lines = csv.DictWriter(written, COLUMNS)
    lines.writeheader()
    lines.writerows({name: _harmless(text) for name, text in row.items()} for row in _rows(acts))
    return f"\ufeff{written.getvalue()}"


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _as_json(acts: Sequence[Act]) -> str:
    return json.dumps({"acts": _rows(acts)}, ensure_ascii=False)


routes = (
    Route("GET", "/acts", list_acts, "signed_in"),
    Route("GET", "/acts/csv", table_of_acts, "signed_in"),
    Route("GET", "/acts/json", data_of_acts, "signed_in"),
)
