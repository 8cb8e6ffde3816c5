"""What PROTOCOL.md promises, and what the code says and writes: both read from the files themselves."""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "signaling" / "PROTOCOL.md").read_text("utf-8")
EVENT_AT = {"to_people": 2, "to_sockets": 1, "emit": 0, "packet_of": 0}
"""Where the name of the event stands among the arguments of what sends it."""


def sections(*, pushes: bool) -> dict[str, str]:
    """The text under each `### \\`name\\`` heading, of the requests or of the pushes."""
    before, after = PROTOCOL.split("\n## Pushes\n")
    part = after if pushes else before
    found = re.split(r"^### `(\w+)`$", part, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def examples(section: str) -> list[Any]:
    """The JSON blocks of a section, in order."""
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, flags=re.DOTALL)]


def told_kinds() -> dict[str, str]:
    """Each kind of entry in the table of PROTOCOL.md, with what is said of its body."""
    table = PROTOCOL.split("\n## Kinds of entries and their bodies\n")[1]
    told: dict[str, str] = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            kinds, _, body = (cell.strip() for cell in line.strip("|").split("|"))
            told |= dict.fromkeys(re.findall(r"`(\w+)`", kinds), body)
    return told


def sent_events() -> set[str]:
    """The name of every event that anything under signaling/ sends."""
    return {
        name
        for function, call in _calls("signaling")
        if (position := EVENT_AT.get(_name_of(call.func))) is not None and len(call.args) > position
        for name in _values(call.args[position], function)
    }


def written_kinds() -> set[str]:
    """Every kind of entry that a use case writes into a channel of a room."""
    return {
        kind
        for function, call in _calls("mediation")
        if _name_of(call.func) == "happened" and not _is_persons_own(call)
        for kind in _kinds(call.args[0], function)
    }


def _is_persons_own(call: ast.Call) -> bool:
    channel = call.args[1]
    return isinstance(channel, ast.Call) and _name_of(channel.func) == "acts_of"


def _kinds(given: ast.expr, function: ast.FunctionDef) -> set[str]:
    """A kind as it is written; one that is handed in is looked up where the function is called."""
    if isinstance(given, ast.JoinedStr):
        (start,) = (str(part.value) for part in given.values if isinstance(part, ast.Constant))
        (variable,) = (part.value for part in given.values if isinstance(part, ast.FormattedValue))
        return {f"{start}{end}" for end in _handed_in(_name_of(variable), function)}
    return _values(given, function) or _handed_in(_name_of(given), function)


def _values(given: ast.expr, function: ast.FunctionDef) -> set[str]:
    """The strings that an argument can be: a constant, or what its variable is set to in the same function."""
    if isinstance(given, ast.Constant):
        return {str(given.value)}
    found: set[str] = set()
    for each in ast.walk(function):
        if isinstance(each, ast.Assign) and _name_of(given) in {
            _name_of(name) for target in each.targets for name in ast.walk(target)
        }:
            texts = {node.value for node in ast.walk(each.value) if isinstance(node, ast.Constant)}
            found |= {text for text in texts if isinstance(text, str) and "_" in text}
    return found


def _handed_in(parameter: str, function: ast.FunctionDef) -> set[str]:
    names = [each.arg for each in function.args.args]
    found = set()
    for _, call in _calls("mediation"):
        if _name_of(call.func) != function.name:
            continue
        given = [each.value for each in call.keywords if each.arg == parameter]
        if parameter in names and len(call.args) > names.index(parameter):
            given.append(call.args[names.index(parameter)])
        found |= {str(each.value) for each in given if isinstance(each, ast.Constant)}
    return found


@cache
def _calls(package: str) -> list[tuple[ast.FunctionDef, ast.Call]]:
    """Every call in a package, with the function it stands in."""
    found = []
    for file in sorted((ROOT / package).rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [(function, call) for call in ast.walk(function) if isinstance(call, ast.Call)]
    return found  # type: ignore[return-value]  # both kinds of function have what is read here


def _name_of(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
