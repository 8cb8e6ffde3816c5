"""The `mediation` command: try it, serve, rehearse, verify, and what an operator does by hand."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from mediation.errors import Refusal
from mediation.settings import BadSettings, Settings, read_settings
from mediation.words import words


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; gives its exit status. What an operator can mend is said in one sentence, without a traceback."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked) or 0)
    except BadSettings as error:
        print(error, file=sys.stderr)
    except Refusal as refusal:
        print(words("en").refusal(refusal.message, **refusal.params), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def commands() -> list[str]:
    """The names of all commands."""
    actions = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return [name for action in actions for name in action.choices]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mediation", description="Online mediation, run by your own court.")
    commands = parser.add_subparsers(required=True, metavar="command")
    demo = _command(commands, "demo", "try it: a made-up dispute, with a sign-in link for each person", _demo)
    demo.add_argument("--fresh", action="store_true", help="start over with an empty data folder")
    demo.add_argument(
        "--lan", action="store_true", help="https on all addresses, so that a phone can use its camera"
    )
    demo.add_argument("--json", action="store_true", help="print one JSON line a person")
    demo.add_argument("--qr", action="store_true", help="show each link as a QR code too")
    _addresses(demo)
    serve = _command(commands, "serve", "run the server", _serve, needs_data=True)
    _addresses(serve)
    serve.add_argument("--host", help="address to listen on")
    rehearse = _command(
        commands, "rehearse", "make rooms that are ready to talk in", _rehearse, needs_data=True
    )
    rehearse.add_argument("--rooms", type=int, default=1)
    rehearse.add_argument("--people", type=int, default=3, help="people in each room, at least 3")
    rehearse.add_argument("--json", action="store_true", help="print one JSON line a person")
    verify = _command(
        commands, "verify", "check that the record, or a bundle of it, is whole", _verify, needs_data=True
    )
    verify.add_argument("bundle", type=Path, nargs="?", help="a bundle to check in place of the data folder")
    verify.add_argument("--key", default="", help="the key that the bundle must be signed with")
    verify.add_argument("--root", action="append", default=[], help="a root from a mail that it must hold")
    export = _command(commands, "export", "write a bundle of a case for a person", _export, needs_data=True)
    export.add_argument("case", help="the number of the case")
    export.add_argument("out", type=Path, help="the ZIP file to write")
    export.add_argument(
        "--for", dest="address", required=True, help="whose view: e-mail address or telephone number"
    )
    export.add_argument(
        "--own", action="store_true", help="all that the person may read, not the record alone"
    )
    export.add_argument("--channel", default="", help="one channel, by its id")
    export.add_argument("--entries", default="", help="of the channel only these, as 3,5-7")
    _command(
        commands,
        "migrate",
        "bring the database up to date, after copying it aside",
        _migrate,
        needs_data=True,
    )
    token = _command(commands, "token", "make a bearer token for a person's program", _token, needs_data=True)
    token.add_argument("address", help="the person's e-mail address or telephone number")
    person = _command(commands, "add-person", "add somebody who can sign in", _add_person, needs_data=True)
    for name in ("name", "email", "phone", "office", "language"):
        person.add_argument(f"--{name}", default="", required=name == "name")
    case = _command(commands, "add-case", "register a case from a JSON file", _add_case, needs_data=True)
    case.add_argument("file", type=Path, help="see docs/operator.md for its form; - reads standard input")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    what: str,
    run: Callable[[argparse.Namespace], int],
    *,
    needs_data: bool = False,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what.capitalize() + ".")
    parser.set_defaults(run=run)
    parser.add_argument(
        "--data", type=Path, help="the data folder" + (" (or MEDIATION_DATA)" if needs_data else "")
    )
    parser.add_argument("--settings", type=Path, help="a TOML file of settings")
    return parser


def _addresses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="TCP port of the web server (8080)")
    parser.add_argument("--media-port", type=int, help="port of the media plane, UDP and TCP (40000)")


def _settings(asked: argparse.Namespace, **chosen: object) -> Settings:
    named = {name: getattr(asked, name, None) for name in ("data", "port", "host", "media_port")}
    return read_settings({**named, **chosen}, file=asked.settings)


def _demo(asked: argparse.Namespace) -> int:
    from web.run import run_demo

    settings = _settings(asked, data=asked.data or Path(".demo"))
    return run_demo(settings, lan=asked.lan, fresh=asked.fresh, as_json=asked.json, qr=asked.qr)


def _serve(asked: argparse.Namespace) -> int:
    from web.run import run_server

    return run_server(_settings(asked))


def _rehearse(asked: argparse.Namespace) -> int:
    from mediation.store import Store
    from web.rehearsal import rehearse

    store = Store(_settings(asked))
    for player in rehearse(store, rooms=asked.rooms, people=asked.people):
        fields = {name: getattr(player, name) for name in ("room", "channel", "person", "role", "token")}
        print(json.dumps(fields) if asked.json else "  ".join(fields.values()), flush=True)
    store.close()
    return 0


def _verify(asked: argparse.Namespace) -> int:
    if asked.bundle is not None:
        from mediation.record.check_bundle import Fault, check

        try:
            print(check(asked.bundle, key=asked.key, roots=asked.root))
        except Fault as fault:
            print(fault)
            return 1
        return 0
    from mediation.record.verify import verify

    settings = _settings(asked)
    return verify(settings.data, say=print, database=settings.database, ca=settings.stamp_ca)


def _export(asked: argparse.Namespace) -> int:
    from mediation.record.taking import take_out
    from mediation.store import Store

    store = Store(_settings(asked))
    try:
        take_out(
            store,
            case=asked.case,
            address=asked.address,
            out=asked.out,
            own=asked.own,
            channel=asked.channel,
            entries=asked.entries,
        )
    finally:
        store.close()
    return 0


def _migrate(asked: argparse.Namespace) -> int:
    from mediation.store import Store

    Store(_settings(asked)).close()
    return 0


def _token(asked: argparse.Namespace) -> int:
    from mediation.people.signin import token_for
    from mediation.store import Store

    store = Store(_settings(asked))
    try:
        print(store.write(token_for, address=asked.address, device="mediation token").result())
    finally:
        store.close()
    return 0


def _add_person(asked: argparse.Namespace) -> int:
    from mediation.people.person import add_person
    from mediation.store import Store

    store = Store(_settings(asked))
    fields = {"name": asked.name, "email": asked.email, "phone": asked.phone, "office": asked.office or None}
    try:
        person = store.write(add_person, by=None, locale=asked.language or "zh-CN", **fields).result()
        print(person.id)
    finally:
        store.close()
    return 0


def _add_case(asked: argparse.Namespace) -> int:
    from mediation.store import Store
    from web.case_file import add_case

    text = sys.stdin.read() if str(asked.file) == "-" else asked.file.read_text("utf-8")
    store = Store(_settings(asked))
    try:
        print(add_case(store, text))
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
