"""Static files: served from memory under the hash of the whole tree, compressed, for ever.

A change in any file changes every address, so a browser never mixes two versions and never asks twice.
"""

import asyncio
import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from aiohttp import hdrs, web

HERE = Path(__file__).parent / "static"
UNSERVED = {"fonts"}  # for the PDFs only
TEXT = {".css", ".js", ".mjs", ".svg", ".json", ".txt", ".webmanifest"}
FOREVER = "public, max-age=31536000, immutable"

CSS_IMPORT = re.compile(r'^@import url\("([\w./-]+)"\);\s*$', re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
JS_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*$", re.DOTALL | re.MULTILINE)
_STATIC = r"""^\s*(?:import|export)\b[^"'()]*?"""
_NAME = r"""["'](\.{1,2}/[^"']+|/[^"']+)["']"""
JS_IMPORT = re.compile(_STATIC + _NAME, re.MULTILINE)
JS_ANY_IMPORT = re.compile(rf"(?:{_STATIC}|\bimport\(){_NAME}", re.MULTILINE)

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """The bytes of one file and, once they are made, its compressed forms."""

    body: bytes
    kind: str
    forms: dict[str, bytes] = field(default_factory=dict)

    def compress(self) -> None:
        """Brotli for browsers on https and localhost, gzip for the rest."""
        self.forms["br"] = brotli.compress(self.body, quality=9)
        self.forms["gzip"] = gzip.compress(self.body, 6, mtime=0)


class StaticFiles:
    """The tree in memory; `asset` and `modules` give templates their addresses."""

    def __init__(self, root: Path = HERE) -> None:
        self.root = root
        self.files = dict(_load(root))
        digest = hashlib.sha256()
        for path, file in sorted(self.files.items()):
            digest.update(f"{path}\0{len(file.body)}\0".encode() + file.body)
        self.tree = digest.hexdigest()[:12]
        self._graphs: dict[tuple[str, bool], list[str]] = {}

    def asset(self, path: str) -> str:
        """The address of a file; a file that is not there is a mistake of ours and fails at once."""
        if path not in self.files:
            raise LookupError(f"no static file {path!r}")
        return f"/static/{self.tree}/{path}"

    def modules(self, entry: str) -> list[str]:
        """Addresses of a module and of everything it imports, so that one round trip fetches the graph."""
        return [self.asset(path) for path in self.graph(entry)]

    def graph(self, entry: str, *, whole: bool = False) -> list[str]:
        """A module and everything it imports; the `whole` of it with what is fetched on demand."""
        if (entry, whole) not in self._graphs:
            self._graphs[entry, whole] = self._follow(entry, JS_ANY_IMPORT if whole else JS_IMPORT)
        return self._graphs[entry, whole]

    def _follow(self, entry: str, imports: re.Pattern[str]) -> list[str]:
        found: dict[str, None] = {}
        waiting = [entry]
        while waiting:
            path = waiting.pop()
            if path in found or path not in self.files:
                continue
            found[path] = None
            source = self.files[path].body.decode()
            waiting += [
                posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
                for name in imports.findall(source)
                if name.startswith(".")
            ]
        return list(found)

    def weight(self, paths: list[str]) -> int:
        """Compressed bytes of these files, for budgets."""
        return sum(len(self.files[path].forms.get("br", self.files[path].body)) for path in paths)

    def compress(self) -> None:
        for path, file in self.files.items():
            if Path(path).suffix in TEXT and not file.forms:
                file.compress()

    async def compress_later(self) -> None:
        """At start, beside everything else; until it is done, files go out as they are."""
        await asyncio.to_thread(self.compress)

    async def serve(self, request: web.Request) -> web.Response:
        """GET /static/{tree}/{path}: an older address leads to the file of today."""
        path = request.match_info["path"]
        file = self.files.get(path)
        if file is None:
            raise web.HTTPNotFound
        if request.match_info["tree"] != self.tree:
            raise web.HTTPFound(self.asset(path), headers={hdrs.CACHE_CONTROL: "no-store"})
        return _answer(file, request.headers.get(hdrs.ACCEPT_ENCODING, ""))


def _answer(file: StaticFile, accepted: str) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: FOREVER, hdrs.VARY: "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    body = file.body
    for coding in ("br", "gzip"):
        if coding in accepted and coding in file.forms:
            body = file.forms[coding]
            headers[hdrs.CONTENT_ENCODING] = coding
            break
    text = file.kind.startswith("text/") or file.kind.endswith(("json", "xml"))
    return web.Response(body=body, content_type=file.kind, charset="utf-8" if text else None, headers=headers)


def _load(root: Path) -> Mapping[str, StaticFile]:
    files: dict[str, StaticFile] = {}
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if not file.is_file() or path.parts[0] in UNSERVED or file.name.startswith("."):
            continue
        body = _served(file, path.parts[0])
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        files[path.as_posix()] = StaticFile(body=body, kind=kind)
    return files


def _served(file: Path, folder: str) -> bytes:
    """What a browser needs of a file; what others wrote goes out as it came."""
    if file.suffix == ".css":
        return _whole_sheet(file).encode()
    if file.suffix == ".js" and folder != "vendor":
        return _without_comments(file.read_text("utf-8")).encode()
    return file.read_bytes()


def _without_comments(script: str) -> str:
    """A script without its documentation; the lines stay, so that a trace names the line of the source."""
    return JS_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), script)


def _whole_sheet(file: Path) -> str:
    """A style sheet with what it imports in place of the imports, and without its comments."""
    text = CSS_COMMENT.sub("", file.read_text("utf-8"))
    return CSS_IMPORT.sub(lambda found: _whole_sheet(file.parent / found[1]), text)
