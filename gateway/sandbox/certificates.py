"""The sandbox's own certification authority, in place of IGC-Santé: made once and kept."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import NoEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificates

from gateway.sandbox.maildirs import write_whole


class Certificates:
    """Files under one directory: `ca.pem`, a PEM per server, a PEM and a PKCS#12 (no password) per mailbox."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        certificate, key = root / "ca.pem", root / "ca.key"
        if certificate.exists() and key.exists():
            self._ca = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="Bac à sable MSSanté")
            write_whole(key, self._ca.private_key_pem.bytes(), mode=0o600)
            certificate.write_bytes(self._ca.cert_pem.bytes())

    @property
    def ca(self) -> Path:
        """The authority's certificate."""
        return self._root / "ca.pem"

    def server(self, domain: str) -> Path:
        """Certificate and key of an operator, for its name and for loopback."""
        return self._leaf(domain, domain, "localhost", "127.0.0.1")

    def mailbox(self, address: str) -> tuple[Path, Path]:
        """(PKCS#12, PEM) of an application mailbox: its address is the certificate's e-mail name."""
        pem = self._leaf(address, address)
        p12 = pem.with_suffix(".p12")
        if not p12.exists():
            content = pem.read_bytes()
            leaf, *others = load_pem_x509_certificates(content)
            key = load_pem_private_key(content, None)
            sealed = pkcs12.serialize_key_and_certificates(address.encode(), key, leaf, others, NoEncryption())  # type: ignore[arg-type]
            write_whole(p12, sealed, mode=0o600)
        return p12, pem

    def _leaf(self, name: str, *identities: str) -> Path:
        path = self._root / f"{name}.pem"
        if not path.exists():
            leaf = self._ca.issue_cert(*identities, common_name=name)
            write_whole(path, leaf.private_key_and_cert_chain_pem.bytes(), mode=0o600)
        return path

    def listening(self, domain: str) -> ssl.SSLContext:
        """What an operator's servers answer STARTTLS with; a client certificate is looked at when shown."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server(domain))
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def calling(self, certificate: Path | None) -> ssl.SSLContext:
        """What a client of the sandbox uses; `certificate` is a PEM with its key."""
        context = ssl.create_default_context(cafile=str(self.ca))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            context.load_cert_chain(certificate)
        return context
