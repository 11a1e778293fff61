"""Who we trust and who we are, on one TLS line: an operator's authorities and a mailbox's certificate."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from gateway.model.errors import Broken

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # TLS 1.2 only; 1.3 has no weak ones


def client_context(
    ca: Path | None, certificate: Path | None, password: str | None, *, crl: Path | None = None
) -> ssl.SSLContext:
    """TLS 1.2 or better, the server's certificate and name verified against `ca` alone, our certificate shown.

    `ca` None means the machine's own store; `crl` the revocation lists of the authorities that sign servers (ECO.1.1.6
    of the MSSanté rules for clients). Raises Broken when a file is missing or unreadable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    try:
        if ca is None:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            context.load_verify_locations(cafile=str(ca))
        if crl is not None:
            context.load_verify_locations(cafile=str(crl))
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    except OSError:
        raise Broken("The operator's authorities cannot be read", advice=f"Check the PEM files {ca}, {crl}") from None
    if certificate is not None:
        _show(context, certificate, password)
    return context


class Contexts:
    """Contexts kept by name, each made once, and anew when one of its files was renewed. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, tuple[tuple[int, ...], ssl.SSLContext]] = {}

    def of(
        self, name: str, ca: Path | None, certificate: Path | None, password: str | None, *, crl: Path | None = None
    ) -> ssl.SSLContext:
        """See `client_context`. Raises Broken."""
        made_of = tuple(_written(file) for file in (ca, crl, certificate))
        with self._lock:
            known, context = self._made.get(name, (None, None))
            if context is None or known != made_of:
                context = client_context(ca, certificate, password, crl=crl)
                self._made[name] = (made_of, context)
            return context


def _written(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except OSError:
        return 0


def _show(context: ssl.SSLContext, certificate: Path, password: str | None) -> None:
    """Load a PKCS#12 file into the context; its key never touches a disk in clear."""
    try:
        key, leaf, chain = pkcs12.load_key_and_certificates(
            certificate.read_bytes(), password.encode() if password is not None else None
        )
        if key is None or leaf is None:
            raise ValueError("no key")
        once = secrets.token_hex(32).encode()
        sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(once))
        pem = sealed + b"".join(each.public_bytes(Encoding.PEM) for each in (leaf, *chain))
        with _as_file(pem) as path:
            context.load_cert_chain(path, password=once)
    except (OSError, ValueError):
        raise Broken(
            "The client certificate cannot be read", advice=f"Check {certificate.name} and its password"
        ) from None


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """A name under which OpenSSL can read these bytes: in memory where the system can, else a private file."""
    memfd_create = getattr(os, "memfd_create", None)
    if memfd_create is not None and Path("/proc/self/fd").is_dir():
        descriptor = memfd_create("certificate", getattr(os, "MFD_CLOEXEC", 0))
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile(prefix="passerelle-") as file:  # 0600, gone when closed
            file.write(content)
            file.flush()
            yield file.name
