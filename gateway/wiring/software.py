"""Settings → who the documents say made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import __version__

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.pack import Software

NO_NIL = "DEV000000"


def software_of(settings: Settings | None) -> Software:
    """What README.TXT, INDEX.HTM, a CDA's device and X-MSS-NIL say of us, and our side of what is disputed."""
    from gateway.pack.packed import Disputed, Software

    if settings is None:
        return Software("Passerelle", __version__, "Passerelle", NO_NIL)
    documents = settings.documents
    return Software(
        name="Passerelle",
        version=__version__,
        vendor="Passerelle",
        nil=settings.nil,
        contact=settings.contact,
        disputed=Disputed(documents.content_type, documents.self_presenting),
    )
