"""White lists to test with, in the national form."""

from __future__ import annotations

from datetime import datetime

from gateway.route.directory.whitelist import NAMESPACE


def xml(*domains: str, at: datetime | str, namespace: str = NAMESPACE) -> bytes:
    """A white list of these domains, made at that time."""
    moment = at if isinstance(at, str) else at.isoformat()
    entries = "".join(
        f"<Domaine><Nom>{name}</Nom><Description>Opérateur</Description>"
        f"<DNCertificatOperateur>CN=x,OU=1,O=Op,ST=Paris (75),C=FR</DNCertificatOperateur></Domaine>"
        for name in domains
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ListeBlanche xmlns="{namespace}">'
        f"<DateDeGeneration>{moment}</DateDeGeneration>{entries}</ListeBlanche>"
    ).encode()
