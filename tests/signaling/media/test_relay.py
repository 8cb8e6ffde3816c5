"""Credentials for the relay: as coturn computes them, soon worthless, and silent about who they were given to."""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest

from signaling.media.relay import Relay, password
from tests.cast import CAST

NOW = 1_795_000_000.7
RELAY = Relay(("turns:turn.example.org:443",), "north", 2)


def test_a_password_is_the_hmac_that_coturn_computes() -> None:
    # printf 1795007200:0011 | openssl dgst -sha1 -hmac north -binary | base64
    assert password("north", "1795007200:0011") == "pbcZzCqyD4Bd7IWu3g/q1JkhA7E="


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_computes_the_same_password() -> None:
    (server,) = RELAY.servers("room", "person", NOW)

    told = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", RELAY.secret, "-binary"],
        input=server.username.encode(),
        capture_output=True,
        check=True,
    ).stdout

    assert base64.b64decode(server.credential) == told


def test_a_name_says_when_it_ends_and_not_whose_it_is() -> None:
    names = {
        (room, role): RELAY.servers(room, CAST[role].name, NOW)[0].username
        for room in ("r1", "r2")
        for role in ("claimant", "mediator")
    }

    assert len(set(names.values())) == 4
    for (room, role), name in names.items():
        expiry, opaque = name.split(":")
        assert int(expiry) == int(NOW) + 7200
        assert room not in opaque
        assert CAST[role].name not in opaque
    assert RELAY.servers("r1", CAST["claimant"].name, NOW)[0].username == names["r1", "claimant"]


def test_without_a_relay_nothing_is_offered() -> None:
    assert Relay((), "north", 2).servers("room", "person", NOW) == []
