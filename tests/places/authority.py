"""A certification authority for one test run: servers' certificates, and mailboxes' PKCS#12 files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import (
    CertificateRevocationListBuilder,
    RevokedCertificateBuilder,
    load_pem_x509_certificate,
)


class Authority:
    """`ca_file` is what a client trusts. Everything is written under `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ca = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(self.ca_file)

    def server(self, name: str = "server", *, names: tuple[str, ...] = ("localhost", "127.0.0.1")) -> tuple[Path, Path]:
        """(certificate chain, key) files of a server with these names."""
        return self._write(name, self._ca.issue_cert(*names))

    def expired_server(self) -> tuple[Path, Path]:
        """The same, ended yesterday."""
        past = datetime.now(UTC) - timedelta(days=1)
        return self._write("expired", self._ca.issue_cert("localhost", "127.0.0.1", not_after=past))

    def revoke(self, *chains: Path, ended: bool = False) -> Path:
        """This authority's revocation list, naming those certificates; `ended`: it should have been replaced."""
        now = datetime.now(UTC)
        issuer = load_pem_x509_certificate(self._ca.cert_pem.bytes())
        crl = CertificateRevocationListBuilder().issuer_name(issuer.subject)
        crl = crl.last_update(now - timedelta(days=2)).next_update(now + timedelta(days=-1 if ended else 1))
        for chain in chains:
            number = load_pem_x509_certificate(chain.read_bytes()).serial_number
            entry = RevokedCertificateBuilder().serial_number(number).revocation_date(now - timedelta(days=1))
            crl = crl.add_revoked_certificate(entry.build())
        key = load_pem_private_key(self._ca.private_key_pem.bytes(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        file = self.directory / ("ended.crl" if ended else "revoked.crl")
        file.write_bytes(crl.sign(key, SHA256()).public_bytes(Encoding.PEM))
        return file

    def mailbox(self, address: str, *, password: str | None = None, ended: bool = False) -> Path:
        """A PKCS#12 file whose subject's common name is the mailbox's address."""
        ends = datetime.now(UTC) + timedelta(days=-1 if ended else 30)
        leaf = self._ca.issue_cert(address, common_name=address, not_after=ends)
        key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
        certificate = load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
        sealing = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        file = self.directory / f"{address}{'-ended' if ended else ''}.p12"
        file.write_bytes(pkcs12.serialize_key_and_certificates(address.encode(), key, certificate, None, sealing))
        file.chmod(0o600)
        return file

    def _write(self, name: str, leaf: trustme.LeafCert) -> tuple[Path, Path]:
        chain, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        return chain, key
