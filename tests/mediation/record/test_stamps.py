"""Time stamps of the seals: fetched after each seal however long that takes, in every bundle, and whatever is done to one is named."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from mediation.follow_up import Runner
from mediation.jobs import Job, finish_job, waiting_jobs
from mediation.ports.stamps import HttpStamper
from mediation.record.check_bundle import Fault, check, read_stamp
from mediation.record.export import Wish
from mediation.record.seal import FILE, catch_up_stamps, seal_heads
from mediation.record.stamp import kept_stamp, stamp_seal
from mediation.record.verify import verify
from mediation.record.vouching import distrust
from mediation.work import Work
from tests.conftest import House
from tests.mediation.record.bundles import Files, lines_of, play, unzipped, zipped
from tests.stamping import Authority, make_authority, served

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
Change = Callable[[Path], object]

pytestmark = pytest.mark.sqlite  # whole data folders are copied and changed


@dataclass(slots=True)
class Stamped:
    """A house with a case in it whose seals are stamped, as it lies on disk, and a bundle of it."""

    data: Path
    bundle: Path
    authority: Authority
    roots: list[str]

    def copy(self, place: Path) -> "Stamped":
        shutil.copytree(self.data, place)
        return replace(self, data=place)

    def verdict(self, ca: Path | None = None) -> tuple[int, list[str]]:
        said: list[str] = []
        status = verify(self.data, say=said.append, ca=str(ca or self.authority.ca))
        return status, said


def roots_of(data: Path) -> list[str]:
    return [line["root"] for line in lines_of((data / FILE).read_bytes())]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Stamped:
    folder = tmp_path_factory.mktemp("stamped")
    with served(authority.reply) as url:
        house = House(folder / "data", stamp_url=url, stamp_ca=str(authority.ca))
        played = play(house)
        for job in house.ask(waiting_jobs, "stamp"):
            stamp_seal(house.store, job.payload)
            house.do(finish_job, job=job.id)
        seal_heads(house.store, {"daily": True})
        (folder / "own.zip").write_bytes(played.taken_out("claimant", Wish("own")))
    house.store.close()
    return Stamped(folder / "data", folder / "own.zip", authority, roots_of(folder / "data"))


def test_each_seal_is_stamped_and_the_record_is_whole(stamped: Stamped) -> None:
    status, said = stamped.verdict()

    assert status == 0, said
    assert "1 seal waits for its time stamp: it has not been asked yet." in said  # the second daily one
    kept = [kept_stamp(stamped.data, root) is not None for root in stamped.roots]
    assert kept == [True, False, True]


def test_a_bundle_holds_the_stamps_of_its_seals_and_openssl_takes_them(
    stamped: Stamped, tmp_path: Path
) -> None:
    names = [name for name in unzipped(stamped.bundle) if name.startswith("stamps/")]

    assert names == [f"stamps/{root}.tsr" for root in (stamped.roots[0], stamped.roots[2])]
    assert "3 seals (2 with a time stamp)" in check(stamped.bundle)
    (tmp_path / "one.tsr").write_bytes(unzipped(stamped.bundle)[names[0]])
    imprint = hashlib.sha256(bytes.fromhex(stamped.roots[0])).hexdigest()
    assert stamped.authority.accepts(tmp_path / "one.tsr", imprint)


def first(data: Path) -> Path:
    return data / "stamps" / f"{roots_of(data)[0]}.tsr"


def last(data: Path) -> Path:
    return data / "stamps" / f"{roots_of(data)[2]}.tsr"


def swap(data: Path) -> None:
    one, other = first(data).read_bytes(), last(data).read_bytes()
    first(data).write_bytes(other)
    last(data).write_bytes(one)


def forget_all(data: Path) -> None:
    shutil.rmtree(data / "stamps")
    (data / "stamps.jsonl").unlink()


def rename(data: Path) -> None:
    last(data).rename(data / "stamps" / f"{'0' * 64}.tsr")


def cut_list(data: Path) -> None:
    (data / "stamps.jsonl").write_bytes(b"")


ON_DISK: list[tuple[str, Change, str]] = [
    ("altered", lambda data: flip(first(data)), "was altered: it is not the one that was kept"),
    ("removed", lambda data: first(data).unlink(), "is missing"),
    ("added", lambda data: shutil.copy(first(data), data / "stamps" / f"{'1' * 64}.tsr"), "was added: no seal has this root"),
    ("moved to another root", rename, "was added: no seal has this root"),
    ("swapped", swap, "was altered: it is not the one that was kept"),
    ("all removed with their list", forget_all, "The list of time stamps was altered"),
    ("its line removed", cut_list, "The list of time stamps was altered"),
]  # fmt: skip


def flip(file: Path, place: int = -20) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(("change", "named"), [one[1:] for one in ON_DISK], ids=[one[0] for one in ON_DISK])
def test_a_stamp_that_was_changed_on_disk_is_named(
    stamped: Stamped, tmp_path: Path, change: Change, named: str
) -> None:
    copy = stamped.copy(tmp_path / "data")
    change(copy.data)

    status, said = copy.verdict()

    assert status == 1
    assert any(named in one for one in said), said


def test_a_stamp_by_somebody_whom_the_operator_does_not_trust_is_named(
    stamped: Stamped, tmp_path: Path
) -> None:
    other = make_authority(tmp_path / "other")

    status, said = stamped.verdict(other.ca)

    assert status == 1
    assert any("vouches for the certificate that signed it" in one for one in said), said


def in_bundle(number: int, change: Callable[[bytes], bytes]) -> Callable[[Files], None]:
    def act(files: Files) -> None:
        name = [name for name in files if name.startswith("stamps/")][number]
        files[name] = change(files[name])

    return act


def flipped(place: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def exchange(files: Files) -> None:
    one, other = (name for name in files if name.startswith("stamps/"))
    files[one], files[other] = files[other], files[one]


def forge_root(files: Files) -> None:
    files[f"stamps/{'0' * 64}.tsr"] = next(files[name] for name in files if name.startswith("stamps/"))


def take_away(files: Files) -> None:
    del files[next(name for name in files if name.startswith("stamps/"))]


TIME = b"\x18\x0f20"
"""How a stamp's time begins (a GeneralizedTime)."""
IN_BUNDLE: list[tuple[str, Callable[[Files], None], str]] = [
    ("its signature altered", in_bundle(0, flipped(-10)), "its signature is not right"),
    ("its time altered", in_bundle(0, lambda data: data.replace(TIME, b"\x18\x0f30")), "it is not what was signed"),
    ("cut off", in_bundle(0, lambda data: data[:-5]), "it cannot be read"),
    ("lengthened", in_bundle(0, lambda data: data + b"\0"), "this is no time stamp"),
    ("its certificate altered", in_bundle(0, lambda data: data.replace(b"Time stamps for tests", b"Time stamps for Tests")), "is not in it"),
    ("replaced by garbage", in_bundle(1, lambda _: b"no stamp"), "it cannot be read"),
    ("exchanged", exchange, "is not of this seal's root"),
    ("added for another root", forge_root, "it was added, no seal has this root"),
    ("removed", take_away, ".tsr: it is missing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"), [one[1:] for one in IN_BUNDLE], ids=[one[0] for one in IN_BUNDLE]
)
def test_a_stamp_that_was_changed_in_a_bundle_is_named(
    stamped: Stamped, tmp_path: Path, change: Callable[[Files], None], named: str
) -> None:
    files = unzipped(stamped.bundle)
    change(files)

    with pytest.raises(Fault) as fault:
        check(zipped(files, tmp_path / "changed.zip"))

    assert "stamps/" in str(fault.value)
    assert named in str(fault.value)


ROOT = bytes(range(32))


def test_a_stamp_with_the_usual_rsa_key_is_read_too(tmp_path: Path) -> None:
    made = make_authority(tmp_path / "rsa", use_rsa=True)
    with served(made.reply) as url:
        answer = HttpStamper(url).stamp(ROOT)

    stamp = read_stamp(answer, ROOT, "2026-11-22T08:00:00.000000Z")

    assert distrust(stamp, str(made.ca)) == ""


def test_a_stamp_from_before_its_seal_proves_nothing(authority: Authority) -> None:
    with served(authority.reply) as url:
        answer = HttpStamper(url).stamp(ROOT)

    with pytest.raises(Fault, match="older than the seal"):
        read_stamp(answer, ROOT, "2226-11-22T08:00:00.000000Z")


def test_who_may_only_sign_stamps_vouches_for_nobody(authority: Authority, tmp_path: Path) -> None:
    made = make_authority(tmp_path / "under", under=authority)
    with served(made.reply) as url:
        answer = HttpStamper(url).stamp(ROOT)

    stamp = read_stamp(answer, ROOT, "2026-11-22T08:00:00.000000Z")

    assert "cA must be asserted" in distrust(stamp, str(authority.ca))


def test_a_certificate_for_something_else_stamps_nothing(authority: Authority, tmp_path: Path) -> None:
    """OpenSSL would not sign with such a one, so the purpose is changed afterwards, and the digest that names it is made anew."""
    with served(authority.reply) as url:
        answer = HttpStamper(url).stamp(ROOT)
    pem = (authority.folder / "tsa.pem").read_bytes()
    own = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    other = own.replace(bytes.fromhex("06082b06010505070308"), bytes.fromhex("06082b06010505070303"))
    before, after = (hashlib.sha256(one).digest() for one in (own, other))

    with pytest.raises(Fault, match="not one for time stamps"):
        read_stamp(answer.replace(own, other).replace(before, after), ROOT, "2026-11-22T08:00:00Z")


def test_while_the_service_is_away_nothing_is_lost_and_the_operator_is_told(
    authority: Authority, tmp_path: Path
) -> None:
    away, asked = True, 0

    def now_and_then(query: bytes) -> bytes:
        nonlocal asked
        asked += 1
        if away:
            raise OSError
        return authority.reply(query)

    with served(now_and_then) as url:
        house = House(tmp_path / "data", stamp_url=url, stamp_ca=str(authority.ca))
        runner = Runner(house.store)
        seal_heads(house.store, {})
        for _ in range(9):  # more often than any other job is tried
            assert runner.run_due() == 1
            assert runner.run_due() == 0, "asked again at once"
            house.clock.pass_by(hours=1)
        waits = [job.error for job in house.ask(waiting_jobs, "stamp")]
        away = False
        assert runner.run_due() == 1
        still = house.ask(waiting_jobs, "stamp")
    house.store.close()

    assert waits == ["the service did not answer: status 503"]
    assert (asked, still) == (10, [])
    assert kept_stamp(house.settings.data, roots_of(house.settings.data)[0])


def test_verify_says_which_seals_wait_and_why(authority: Authority, tmp_path: Path) -> None:
    with served(lambda _: b"") as url:
        house = House(tmp_path / "data", stamp_url=url)
        seal_heads(house.store, {})
        Runner(house.store).run_due()
    house.store.close()
    said: list[str] = []

    assert verify(house.settings.data, say=said.append) == 0
    assert said[0].startswith("1 seal waits for its time stamp: the service answered with something")


def test_a_stamp_that_nobody_vouches_for_is_not_kept(authority: Authority, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other")
    with served(other.reply) as url:
        house = House(tmp_path / "data", stamp_url=url, stamp_ca=str(authority.ca))
        seal_heads(house.store, {})
        Runner(house.store).run_due()
        (waits,) = house.ask(waiting_jobs, "stamp")
    house.store.close()

    assert "vouches" in str(waits.error)
    assert not list(house.settings.data.glob("stamps/*"))


def test_a_seal_whose_job_was_lost_by_a_kill_is_stamped_after_the_start(
    authority: Authority, tmp_path: Path
) -> None:
    with served(authority.reply) as url:
        house = House(tmp_path / "data", stamp_url=url)
        seal_heads(house.store, {})
        (job,) = house.ask(waiting_jobs, "stamp")
        house.do(lose, job=job.id)

        catch_up_stamps(house.store)
        catch_up_stamps(house.store)

        assert Runner(house.store).run_due() == 1
        assert Runner(house.store).run_due() == 0
    house.store.close()


def lose(work: Work, *, job: str) -> None:
    work.session.delete(work.get(Job, job))


def test_without_a_service_no_stamp_is_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    seal_heads(house.store, {})

    assert house.ask(waiting_jobs, "stamp") == []
    house.store.close()


def test_a_line_of_the_list_that_a_kill_has_cut_off_is_written_again(
    stamped: Stamped, tmp_path: Path
) -> None:
    copy = stamped.copy(tmp_path / "data")
    noted = copy.data / "stamps.jsonl"
    noted.write_bytes(noted.read_bytes()[:-9])
    assert kept_stamp(copy.data, stamped.roots[2]) is None

    with served(stamped.authority.reply) as url:
        house = House(copy.data, stamp_url=url)
        at = lines_of((copy.data / FILE).read_bytes())[2]["at"]
        stamp_seal(house.store, {"root": stamped.roots[2], "at": at})
    house.store.close()

    assert copy.verdict()[0] == 0
    assert kept_stamp(copy.data, stamped.roots[2])
