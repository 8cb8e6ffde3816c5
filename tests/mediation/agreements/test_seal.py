"""The key of the documents' seal: one for an installation, whoever asks for it first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from mediation.agreements.seal import CERTIFICATE, KEY, ensure_seal


def test_first_certificates_at_the_same_time_make_one_key_with_its_own_certificate(tmp_path: Path) -> None:
    for n in range(10):
        folder = tmp_path / str(n)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _, folder=folder: ensure_seal(folder, "A court"), range(8)))

        key = load_pem_private_key((folder / KEY).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        assert key.public_key().public_bytes(*form) == certificate.public_key().public_bytes(*form)
