"""Who vouches for a time-stamping service: the way from its certificate to one that the operator trusts, as it was at the stamp's time."""

from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import (
    ClientVerifier,
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from mediation.record.check_bundle import Stamp


def distrust(stamp: Stamp, ca: str) -> str:
    """Why nobody in the PEM file `ca` vouches for this stamp; empty when somebody does. A certificate may have run out since."""
    try:
        trusted = x509.load_pem_x509_certificates(Path(ca).read_bytes())
        if stamp.certificate in trusted:
            return ""
        others = [x509.load_der_x509_certificate(one) for one in stamp.others]
        _verifier(trusted, stamp).verify(stamp.certificate, others)
    except (OSError, ValueError, VerificationError) as error:
        return f"nobody in {ca} vouches for the certificate that signed it ({error})."
    return ""


def _verifier(trusted: list[x509.Certificate], stamp: Stamp) -> ClientVerifier:
    """What a certificate is for was seen when the stamp was read; here it is who signed for whom, which only authorities may."""
    anything = ExtensionPolicy.permit_all()
    authority = anything.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    builder = PolicyBuilder().store(Store(trusted)).time(stamp.at)
    return builder.extension_policies(ca_policy=authority, ee_policy=anything).build_client_verifier()
