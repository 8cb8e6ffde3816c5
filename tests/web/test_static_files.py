"""Static files: one hash for the tree, compressed, cached for ever."""

from pathlib import Path

import brotli
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from web.static_files import StaticFiles


def served(static: StaticFiles) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.router.add_get("/static/{tree}/{path:.+}", static.serve)
    return TestClient(TestServer(app))


async def test_a_sheet_is_served_whole_compressed_and_for_ever() -> None:
    static = StaticFiles()
    static.compress()
    async with served(static) as client:
        answer = await client.get(
            static.asset("css/site.css"), headers={"Accept-Encoding": "br"}, auto_decompress=False
        )
        text = brotli.decompress(await answer.read()).decode()

        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.content_type == "text/css"
        assert "@import" not in text
        assert ".button" in text
        assert "/*" not in text


async def test_an_address_of_an_older_version_leads_to_the_file_of_today() -> None:
    static = StaticFiles()
    async with served(static) as client:
        answer = await client.get("/static/000000000000/css/site.css", allow_redirects=False)

        assert answer.status == 302
        assert answer.headers["Location"] == static.asset("css/site.css")
        assert answer.headers["Cache-Control"] == "no-store"


async def test_what_is_not_in_the_tree_is_not_served() -> None:
    static = StaticFiles()
    async with served(static) as client:
        for path in ("css/none.css", "../render.py", "%2e%2e/render.py", "css/..%2f..%2frender.py"):
            assert (await client.get(f"/static/{static.tree}/{path}")).status == 404


def test_a_change_in_one_file_changes_every_address(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.js").write_text("export const a = 1\n")
    before = StaticFiles(tmp_path).asset("a.js")
    (tmp_path / "b.js").write_text("export const b = 1\n")

    assert StaticFiles(tmp_path).asset("a.js") != before


def test_the_graph_of_a_module_is_followed_to_its_ends(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text('import { a } from "./a.js"\nimport "../vendor.js"\n')
    (tmp_path / "js" / "a.js").write_text('export { b } from "./b.js"\n')
    (tmp_path / "js" / "b.js").write_text("import {\n  a,\n} from './a.js'\nexport const b = a\n")
    (tmp_path / "js" / "c.js").write_text('const later = () => import("./sub/d.js")\n')
    (tmp_path / "js" / "sub").mkdir()
    (tmp_path / "js" / "sub" / "d.js").write_text('import "../a.js"\nimport("../e.js").then(() => 1)\n')
    (tmp_path / "js" / "e.js").write_text("")
    (tmp_path / "vendor.js").write_text("")
    static = StaticFiles(tmp_path)

    names = {path.partition(static.tree)[2] for path in static.modules("js/main.js")}

    assert names == {"/js/main.js", "/js/a.js", "/js/b.js", "/vendor.js"}
    assert static.graph("js/c.js") == ["js/c.js"]
    whole = static.graph("js/c.js", whole=True)
    assert set(whole) == {"js/c.js", "js/sub/d.js", "js/a.js", "js/b.js", "js/e.js"}


def test_a_script_goes_out_without_its_documentation_and_with_all_its_lines(tmp_path: Path) -> None:
    script = '/** What it is.\n * @import { A } from "./a" */\nconst a = "/** kept */" // why\n  /** @type {A} */\nconst b = a\n/** @type {A} */ (b).c()\n/** The end. */\n'
    (tmp_path / "vendor").mkdir()
    for place in ("a.js", "vendor/a.js"):
        (tmp_path / place).write_text(script)

    files = StaticFiles(tmp_path).files

    assert (
        files["a.js"].body.decode()
        == '\n\nconst a = "/** kept */" // why\n\nconst b = a\n/** @type {A} */ (b).c()\n\n'
    )
    assert files["vendor/a.js"].body.decode() == script


def test_the_sheets_of_the_room_are_light() -> None:
    static = StaticFiles()
    static.compress()

    assert static.weight(["css/room.css", "css/dark.css"]) < 12_000
