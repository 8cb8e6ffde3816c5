"""The seal on documents: a key of the installation with a certificate of its own, and PAdES signatures made with it."""

import fcntl
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

KEY, CERTIFICATE, LOCK = "documents.key.pem", "documents.cert.pem", "documents.lock"
YEARS = 10


def ensure_seal(folder: Path, organisation: str) -> None:
    """Makes the key and its certificate when there are none; a key once made is never replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / CERTIFICATE).exists():
        return
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(
            lock, fcntl.LOCK_EX
        )  # two first certificates at once must not end with one's key and the other's name
        if (folder / CERTIFICATE).exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(folder / KEY, pem, 0o600)
        _write(folder / CERTIFICATE, _certificate(key, organisation).public_bytes(Encoding.PEM), 0o644)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Whole or not at all: written beside, synced, then named."""
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)


def _certificate(key: ec.EllipticCurvePrivateKey, organisation: str) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64] or "Mediation"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Document seal"),
        ]
    )
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    draft = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    draft = draft.serial_number(x509.random_serial_number())
    draft = draft.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365 * YEARS))
    draft = draft.add_extension(usage, critical=True)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return draft.sign(key, SHA256())


def load_signer() -> None:
    """Imports pyHanko ahead of its use."""
    import pyhanko.pdf_utils.incremental_writer
    import pyhanko.sign.signers  # noqa: F401


def seal_pdf(pdf: bytes, folder: Path, *, reason: str) -> bytes:
    """The PDF with a PAdES B-B signature over every byte of it, added as an incremental update."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load(str(folder / KEY), str(folder / CERTIFICATE))
    if signer is None:
        raise RuntimeError(f"the document seal in {folder} cannot be read")
    about = signers.PdfSignatureMetadata(
        field_name="Seal", reason=reason, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    sealed = BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), about, signer=signer, output=sealed)
    return sealed.getvalue()
