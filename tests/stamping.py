"""A time-stamping authority of one's own: a CA, a certificate for time stamps, and `openssl ts` behind a web address on this machine."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

POLICY, OTHER_POLICY = "1.3.6.1.4.1.55555.1", "1.3.6.1.4.1.55555.2"
Answer = Callable[[bytes], bytes]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = {digest}
certs = {folder}/chain.pem
default_policy = {policy}
other_policies = {other}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = {names}
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's folder; `ca` is what a server trusts it by."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def reply(self, query: bytes, *, policy: str = POLICY) -> bytes:
        """The answer to a request, as OpenSSL gives it."""
        return self._openssl("-reply", "-tspolicy", policy, "-queryfile", "/dev/stdin", data=query)

    def accepts(self, answer: Path, imprint: str) -> bool:
        """Whether OpenSSL, by itself, takes this stamp for one of this digest."""
        told = ("openssl", "ts", "-verify", "-in", answer, "-digest", imprint, "-CAfile", self.ca)
        return subprocess.run(told, capture_output=True, check=False).returncode == 0

    def _openssl(self, *arguments: str, data: bytes) -> bytes:
        run = ("openssl", "ts", *arguments, "-config", str(self.folder / "tsa.cnf"))
        return subprocess.run(run, input=data, capture_output=True, check=True).stdout


def make_authority(folder: Path, *, use_rsa: bool = False, under: Authority | None = None) -> Authority:
    """A new authority with a key of its own; one with an RSA key names its certificate in the old way (RFC 2634). For one `under` another, that one's certificate for stamps vouches, which it may not."""
    folder.mkdir(parents=True)
    root, own = _key(use_rsa=False), _key(use_rsa=use_rsa)
    name = _name("A root for tests")
    ca = _certificate(name, root.public_key(), _Issuer(name, root))
    issuer, chain = _Issuer(name, root), _pem(ca)
    if under is not None:
        signer = x509.load_pem_x509_certificate((under.folder / "tsa.pem").read_bytes())
        key = serialization.load_pem_private_key((under.folder / "tsa.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        issuer, chain = _Issuer(signer.subject, key), _pem(signer)
    tsa = _certificate(_name("Time stamps for tests"), own.public_key(), issuer, for_stamps=True)
    (folder / "ca.pem").write_bytes(under.ca.read_bytes() if under else chain)
    (folder / "chain.pem").write_bytes(chain)
    (folder / "tsa.pem").write_bytes(_pem(tsa))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tsa.key").write_bytes(own.private_bytes(*plain))
    digest, names = ("sha512", "sha1") if use_rsa else ("sha256", "sha256")
    policies = {"policy": POLICY, "other": OTHER_POLICY}
    config = CONFIG.format(folder=folder, digest=digest, names=names, **policies)
    (folder / "tsa.cnf").write_text(config)
    return Authority(folder)


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A service at an address of this machine that gives what `answer` makes of each request; an `OSError` is a failure of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                reply, status = answer(query), 200
            except OSError:
                reply, status = b"", 503
            with suppress(OSError):  # whoever asked has gone
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _key(*, use_rsa: bool) -> Key:
    return rsa.generate_private_key(65537, 2048) if use_rsa else ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@dataclass(frozen=True, slots=True)
class _Issuer:
    name: x509.Name
    key: Key


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    issuer: _Issuer,
    *,
    for_stamps: bool = False,
) -> x509.Certificate:
    """One for time stamps, or one of an authority."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not for_stamps, path_length=None), critical=True)
    )
    if for_stamps:
        use = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(use, critical=True)
    return builder.sign(issuer.key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
