"""The first settings of a new gateway: written once, meant to be read and changed."""

from __future__ import annotations

import base64
import os
from pathlib import Path

SETTINGS = """\
# passerelle.yaml: the settings of this gateway. `passerelle check` says what is wrong with them, with file and line.
# Paths are relative to this file. A secret is `file:PATH` or `env:NAME`, never a value.

database: sqlite:///var/passerelle.db       # or postgresql://user@host/database
production: false                           # true refuses test identities, false refuses real ones

audit: {origin: passerelle/a-changer, key: file:secrets/audit.key, checkpoints: var/checkpoints}
vault: {key: file:secrets/vault.key}        # without it nothing kept can be read: keep a copy elsewhere
nil: DEV000000                              # your product number on convergence.esante.gouv.fr (X-MSS-NIL)
contact: ""                                 # who to call about a parcel, written in its README.TXT

tenants:
  mon-organisation: {name: Mon organisation, clients: {mon-logiciel: {dialect: canonical}}}
  # a software that only writes files: clients: {tableur: {dialect: tablosoin, folder: var/depot}}

routes: routes.yaml
folder: var/folder                          # routes with `via: folder` leave their parcels there

# MSSanté: an operator, and the structure's application mailbox. Until then every sender gets no-mailbox-for-sender.
# operators:
#   exemple: {smtp: mail.exemple.mssante.fr:587, imap: imap.exemple.mssante.fr:143, ca: certs/igc-sante.pem}
# mailboxes:
#   - {address: app@cpts.exemple.mssante.fr, type: APP, operator: exemple, certificate: secrets/app.p12, collect: true}
# white_list: {file: var/liste-blanche.xml}
# directory: {extraction: var/Extraction_Correspondance_MSSante.txt}
"""


def write_first_settings(folder: Path, routes: bytes) -> tuple[Path, ...]:
    """Write settings, routes and fresh secrets; a file that is there already is left alone. Gives what was written."""
    wanted = {
        folder / "passerelle.yaml": SETTINGS.encode("utf-8"),
        folder / "routes.yaml": routes,
        folder / "secrets" / "audit.key": _secret(),
        folder / "secrets" / "vault.key": _secret(),
    }
    written = []
    for path, content in wanted.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            private = path.parent.name == "secrets"
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644), "wb"
            ) as file:
                file.write(content)
            written.append(path)
    return tuple(written)


def _secret() -> bytes:
    return base64.b64encode(os.urandom(32)) + b"\n"
