"""The settings: one frozen object, read once from a TOML file and the environment, and handed on.

Each field is `MEDIATION_<NAME>` in the environment and `<name>` in the file; the environment wins. The README's table lists
them all, and a test keeps it complete.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


class BadSettings(Exception):
    """A setting cannot be used as it is; the text says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may choose. `help` in each field's metadata is the sentence in the README."""

    data: Path = field(metadata={"help": "the data folder: database, files, keys"})
    database: str = field(
        default="",
        metadata={
            "help": "a PostgreSQL, as postgresql://user:password@host/name; empty: SQLite in the data folder"
        },
    )
    host: str = field(default="127.0.0.1", metadata={"help": "address the web server listens on"})
    port: int = field(default=8080, metadata={"help": "its TCP port"})
    media_host: str = field(
        default="0.0.0.0",  # noqa: S104 - media must be reachable
        metadata={"help": "address the media plane listens on; `::` takes IPv6 and IPv4"},
    )
    media_port: int = field(
        default=40000, metadata={"help": "its port, UDP and TCP; further workers take the numbers after it"}
    )
    media_tcp: bool = field(
        default=True, metadata={"help": "also take media by TCP, from networks that let no UDP through"}
    )
    media_workers: int = field(
        default=0,
        metadata={"help": "media processes, each with its own port; 0: one for each core but one"},
    )
    media_announced: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "addresses, or address:port, told to browsers for media; empty: the first that is not loopback"
        },
    )
    turn_urls: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "a coturn server for networks that let only TLS out, as turns:turn.example.org:443"
        },
    )
    turn_secret: str = field(default="", metadata={"help": "its static-auth-secret"})
    turn_hours: int = field(default=2, metadata={"help": "how long its credentials are valid, 1 or 2 hours"})
    public_url: str = field(
        default="", metadata={"help": "where people reach the server; used in every link"}
    )
    tls_certificate: str = field(
        default="", metadata={"help": "PEM file; with it and the key the server speaks https itself"}
    )
    tls_key: str = field(default="", metadata={"help": "PEM file of the private key"})
    behind_proxy: bool = field(
        default=False, metadata={"help": "a reverse proxy on this machine ends TLS and sets X-Forwarded-For"}
    )
    organisation: str = field(
        default="Court Mediation Centre", metadata={"help": "the name of your court or organisation"}
    )
    pack: str = field(default="cn", metadata={"help": "rule pack for new cases: cn or neutral"})
    zone: str = field(default="Asia/Shanghai", metadata={"help": "the court's time zone"})
    upload_limit: int = field(default=100 * 1024 * 1024, metadata={"help": "largest file, in bytes"})
    text_limit: int = field(default=10_000, metadata={"help": "longest message, in characters"})
    smtp: str = field(
        default="",
        metadata={
            "help": "smtp://user:password@host:port for mail; empty: messages are shown on the console"
        },
    )
    mail_from: str = field(default="mediation@localhost", metadata={"help": "sender address of mails"})
    sms_url: str = field(
        default="",
        metadata={"help": "https address that takes {to, text} as JSON; empty: shown on the console"},
    )
    stamp_url: str = field(
        default="",
        metadata={
            "help": "address of an RFC 3161 time-stamping service that stamps the seals' roots; empty: none"
        },
    )
    stamp_ca: str = field(
        default="",
        metadata={
            "help": "PEM file of who may vouch for its certificate; empty: stamps are kept, and whoever verifies them says whom to trust"
        },
    )
    stamp_policy: str = field(
        default="", metadata={"help": "OID of the policy that its stamps must keep; empty: any"}
    )
    duty_officer: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "mail addresses or phone numbers told when somebody says “I am not safe”; empty: only mediator and clerk are"
        },
    )
    line_days: int = field(
        default=180,
        metadata={"help": "how long the figures of people's lines in a meeting are kept, in days"},
    )
    metrics_port: int = field(
        default=0, metadata={"help": "TCP port on 127.0.0.1 for Prometheus figures; 0: none"}
    )
    staff_hours: int = field(default=12, metadata={"help": "how long staff stay signed in, in hours"})
    party_days: int = field(
        default=30, metadata={"help": "how long a party's device stays signed in, in days"}
    )

    @property
    def secure(self) -> bool:
        """Whether people reach the server by https."""
        return self.address.startswith("https://")

    @property
    def address(self) -> str:
        """The origin people see, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme = "https" if self.tls_certificate else "http"
        host = "localhost" if self.host in {"127.0.0.1", "::1", "localhost"} else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def media_processes(self) -> int:
        """How many media workers there are: as chosen, else one for each core that we may use but one."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.media_workers or max(1, cores - 1)

    @property
    def media_ports(self) -> list[int]:
        """The workers' ports; 0 is any that is free."""
        return [self.media_port + place if self.media_port else 0 for place in range(self.media_processes)]

    @property
    def is_demo(self) -> bool:
        """Whether this data folder was made by the demo; only there one-click sign-in links exist."""
        return (self.data / "demo.json").exists()


def read_settings(
    chosen: Mapping[str, Any], *, environment: Mapping[str, str] = os.environ, file: Path | None = None
) -> Settings:
    """Settings from `chosen` (the command line), then the environment, then the TOML file, then the defaults.

    Raises `BadSettings` with a sentence for the operator.
    """
    named = file or (Path(environment["MEDIATION_SETTINGS"]) if "MEDIATION_SETTINGS" in environment else None)
    written = _from_file(named) if named else {}
    values: dict[str, Any] = {}
    for each in fields(Settings):
        if (value := chosen.get(each.name)) is not None:
            values[each.name] = _as_type(each.name, str(each.type), value)
        elif (text := environment.get(f"MEDIATION_{each.name.upper()}")) is not None:
            values[each.name] = _as_type(each.name, str(each.type), text)
        elif each.name in written:
            values[each.name] = _as_type(each.name, str(each.type), written[each.name])
    if "data" not in values:
        raise BadSettings("No data folder is named: use --data DIR or set MEDIATION_DATA.")
    settings = Settings(**values)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if settings.database and not settings.database.startswith(("postgresql://", "postgres://")):
        raise BadSettings(
            "The setting database must be a URL that begins with postgresql://, or empty for SQLite."
        )
    if settings.turn_hours not in {1, 2}:
        raise BadSettings(
            "The setting turn_hours must be 1 or 2: credentials that leak must soon be worth nothing."
        )
    if settings.turn_urls and not settings.turn_secret:
        raise BadSettings("turn_urls needs turn_secret, the static-auth-secret of the coturn server.")
    if settings.stamp_url and not settings.stamp_url.startswith(("https://", "http://")):
        raise BadSettings("The setting stamp_url must begin with https:// or http://.")
    if settings.stamp_ca and not Path(settings.stamp_ca).is_file():
        raise BadSettings(f"stamp_ca names the file {settings.stamp_ca}, which is not there.")
    if not 0 <= settings.media_workers <= 256:
        raise BadSettings("The setting media_workers must be between 0 and 256.")


def _from_file(file: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise BadSettings(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"The settings file {file} is not valid TOML: {error}.") from error
    known = {each.name for each in fields(Settings)}
    if unknown := sorted(set(written) - known):
        raise BadSettings(f"The settings file {file} has an unknown setting: {unknown[0]}.")
    return written


def _as_type(name: str, kind: str, value: object) -> object:
    try:
        if "Path" in kind:
            return Path(str(value)).expanduser()
        if "tuple" in kind:
            items = value if isinstance(value, list | tuple) else str(value).split(",")
            return tuple(str(item).strip() for item in items if str(item).strip())
        if "bool" in kind:
            return (
                value
                if isinstance(value, bool)
                else {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                    str(value).lower()
                ]
            )
        return int(str(value)) if "int" in kind else str(value)
    except (ValueError, KeyError) as error:
        raise BadSettings(f"The setting {name} cannot be {value!r}.") from error
