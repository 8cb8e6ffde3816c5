"""The documents are complete: every setting and every command has its line in the README, and no link leads nowhere."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from mediation.settings import BadSettings, Settings, read_settings
from web.cli import commands

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_has_its_row_with_its_default_and_its_sentence(setting: object) -> None:
    name, default = setting.name, setting.default  # type: ignore[attr-defined]
    shown = (
        "–"
        if default in (MISSING, "", ())
        else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    )

    row = f"| `MEDIATION_{name.upper()}` | `{name}` | {shown} | {setting.metadata['help']} |"  # type: ignore[attr-defined]

    assert row in README


def test_every_command_is_named() -> None:
    listed = set(re.findall(r"`([a-z-]+)`", README.split("### Commands")[1].split("##")[0]))

    assert set(commands()) <= listed


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md"))]
)
def test_no_link_between_the_documents_leads_nowhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")

    targets = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]

    assert [link for link in targets if not ((ROOT / page).parent / link).exists()] == []


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "mediation.toml"
    file.write_text('organisation = "File"\nport = 1\nzone = "UTC"\n')
    environment = {
        "MEDIATION_ORGANISATION": "Environment",
        "MEDIATION_PORT": "2",
        "MEDIATION_DATA": str(tmp_path),
    }

    settings = read_settings({"port": 3}, environment=environment, file=file)

    assert (settings.zone, settings.organisation, settings.port) == ("UTC", "Environment", 3)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"turn_hours": 3}, "turn_hours"),
        ({"turn_hours": 0}, "turn_hours"),
        ({"turn_urls": "turn:turn.example.org"}, "turn_secret"),
        ({"media_workers": -1}, "media_workers"),
        ({"stamp_url": "stamps.example.org"}, "stamp_url"),
        ({"stamp_ca": "/nowhere/root.pem"}, "stamp_ca"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, wrong: dict[str, object], named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        read_settings({"data": tmp_path, **wrong}, environment={})


def test_each_media_worker_has_a_port_after_the_first(tmp_path: Path) -> None:
    chosen = Settings(data=tmp_path, media_port=40000, media_workers=3)
    anywhere = Settings(data=tmp_path, media_port=0, media_workers=2)

    assert (chosen.media_ports, anywhere.media_ports) == ([40000, 40001, 40002], [0, 0])
    assert Settings(data=tmp_path).media_processes >= 1
