"""A mail whose archive contradicts itself is kept and told, and its documents are nobody's."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

import pytest

from gateway.journey.receive import read_letter
from gateway.model.errors import Rejected
from tests.pack.material import TERMS, packed

DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"


def mail(archive: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "sophie.bernard@b.mssante.test", "app@a.mssante.test"
    message.set_content("Bonjour")
    message.add_attachment(archive, "application", "zip", filename="IHE_XDM.zip")
    return message.as_bytes()


def changed(old: bytes, new: bytes) -> bytes:
    """The archive of a report, its document changed after its metadata were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed("report.shared").archive)) as read, zipfile.ZipFile(out, "w") as made:
        for name in read.namelist():
            content = read.read(name)
            made.writestr(name, content.replace(old, new) if name == DOCUMENT else content)
    return out.getvalue()


def test_a_sound_archive_gives_its_event() -> None:
    assert len(read_letter((mail(changed(b"", b"")), TERMS)).events) == 1


@pytest.mark.parametrize(("old", "new"), [(b"DOMINIQUE", b"DOMINIQUA"), (b"MARTIN", b"MARTINET")])
def test_a_document_changed_on_its_way_gives_none(old: bytes, new: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        read_letter((mail(changed(old, new)), TERMS))
    assert {(fault.code, fault.at) for fault in refusal.value.faults} == {("broken-archive", ("documents", 0))}
