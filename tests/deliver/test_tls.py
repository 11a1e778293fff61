from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

import pytest

from gateway.deliver.tls import client_context
from gateway.model.errors import Broken
from tests.places.authority import Authority


def test_a_line_is_tls_1_2_or_better_and_the_other_side_proves_its_name(authority: Authority) -> None:
    context = client_context(authority.ca_file, None, None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1
    assert all(cipher["name"].startswith(("ECDHE-", "TLS_")) for cipher in context.get_ciphers())


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_authorities_that_cannot_be_read_are_our_settings_fault(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Broken, match="authorities"):
        client_context(file, None, None)


@pytest.mark.parametrize("content", [b"", b"junk", b"\x30\x82" + b"\x00" * 500])
def test_a_certificate_file_that_is_none_is_our_settings_fault(
    authority: Authority, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "app.p12"
    file.write_bytes(content)
    with pytest.raises(Broken, match="client certificate"):
        client_context(authority.ca_file, file, None)


def test_where_memory_cannot_hold_a_file_none_is_left_on_the_disk(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create")  # as on systems other than Linux
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client_context(authority.ca_file, authority.mailbox("app@b.mssante.test"), None)
    assert list(tmp_path.iterdir()) == []
