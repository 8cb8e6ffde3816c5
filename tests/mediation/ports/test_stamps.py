"""The edge to a time-stamping service: what is the answer to this request is taken, and nothing else, whatever the service sends."""

import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from mediation.ports.stamps import LARGEST, HttpStamper, NoStamp, stamper
from tests.stamping import OTHER_POLICY, POLICY, Answer, Authority, make_authority, served

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
ROOT = bytes(range(32))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority") / "own")


def refusal(answer: Answer, *, policy: str = "", seconds: float = 15) -> str:
    """Why what the service sends is not taken."""
    with served(answer) as url, pytest.raises(NoStamp) as refused:
        HttpStamper(url, policy).stamp(ROOT, seconds=seconds)
    return str(refused.value)


def test_a_stamp_is_taken_that_openssl_takes_too(authority: Authority, tmp_path: Path) -> None:
    with served(authority.reply) as url:
        (tmp_path / "own.tsr").write_bytes(HttpStamper(url, POLICY).stamp(ROOT))

    assert authority.accepts(tmp_path / "own.tsr", hashlib.sha256(ROOT).hexdigest())


def test_a_stamp_that_was_given_before_is_not_taken_again(authority: Authority) -> None:
    asked: list[bytes] = []

    def same_again(query: bytes) -> bytes:
        asked.append(query)
        return authority.reply(asked[0])

    with served(same_again) as url:
        HttpStamper(url).stamp(ROOT)
        with pytest.raises(NoStamp, match="its nonce is another"):
            HttpStamper(url).stamp(ROOT)


def test_a_stamp_of_something_else_is_not_taken(authority: Authority) -> None:
    digest = hashlib.sha256(ROOT).digest()

    assert "of something else" in refusal(lambda query: authority.reply(query.replace(digest, bytes(32))))


def test_a_stamp_under_another_policy_is_not_taken(authority: Authority) -> None:
    def other(query: bytes) -> bytes:
        return authority.reply(query.replace(oid(POLICY), oid(OTHER_POLICY)))

    assert f"the policy {OTHER_POLICY}, not {POLICY}" in refusal(other, policy=POLICY)


def oid(dotted: str) -> bytes:
    from asn1crypto.core import ObjectIdentifier

    return bytes(ObjectIdentifier(dotted).dump())


def test_what_the_service_refuses_is_told(authority: Authority) -> None:
    assert "gave no stamp (rejection)" in refusal(authority.reply, policy="1.2.3")


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"\x30\x80", bytes(300)])
def test_what_is_no_stamp_is_not_taken(garbage: bytes) -> None:
    assert "is no stamp" in refusal(lambda _: garbage)


def test_more_than_a_stamp_is_not_read() -> None:
    assert "longer than a stamp" in refusal(lambda _: bytes(LARGEST + 1))


def test_a_service_that_fails_or_is_not_there_gives_no_stamp() -> None:
    def fails(_: bytes) -> bytes:
        raise OSError

    assert "status 503" in refusal(fails)
    with served(fails) as url:
        gone = url
    with pytest.raises(NoStamp, match="did not answer"):
        HttpStamper(gone).stamp(ROOT)


def test_nobody_waits_for_a_service_that_is_silent() -> None:
    released = threading.Event()

    def silent(_: bytes) -> bytes:
        released.wait(10)
        return b""

    with served(silent) as url:
        with pytest.raises(NoStamp, match="did not answer"):
            HttpStamper(url).stamp(ROOT, seconds=0.05)
        released.set()


def test_without_a_service_there_is_nobody_to_ask() -> None:
    assert stamper(url="") is None
