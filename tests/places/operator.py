"""A whole MSSanté operator on loopback: Postfix, Dovecot and an authority, opened and closed together."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.deliver.mailboxes import Mailbox, Operator
from gateway.model.identity import MailAddress
from tests.places import dovecot, postfix
from tests.places.authority import Authority
from tests.places.dovecot import PASSWORD, Dovecot
from tests.places.postfix import Postfix


@dataclass(frozen=True)
class OperatorPlace:
    """The running operator, and how our settings would describe it and its mailboxes."""

    domain: str
    authority: Authority
    postfix: Postfix
    dovecot: Dovecot

    def operator(self, **changes: object) -> Operator:
        """As settings name it; the submission port is the one for client certificates."""
        said: dict[str, object] = {
            "name": "exemple",
            "smtp_host": "localhost",
            "smtp_port": self.postfix.smtp_port,
            "imap_host": "localhost",
            "imap_port": self.dovecot.imap_port,
            "ca": self.authority.ca_file,
            "attempt_s": 15.0,
            **changes,
        }
        return Operator(**said)  # type: ignore[arg-type]

    def application(self, local: str, **changes: object) -> Mailbox:
        """An application mailbox with its certificate, collected by EXTERNAL."""
        address = f"{local}@{self.domain}"
        said: dict[str, object] = {
            "address": MailAddress(address),
            "type": "APP",
            "operator": self.operator(),
            "collect": True,
            **changes,
        }
        if "certificate" not in said:
            said["certificate"] = self.authority.mailbox(address)
        if said.get("imap_sign_in") == "plain":
            said["password"] = PASSWORD
        return Mailbox(**said)  # type: ignore[arg-type]

    def personal(self, local: str) -> Mailbox:
        """A professional's mailbox, signed in by token on both sides."""
        return Mailbox(
            address=MailAddress(f"{local}@{self.domain}"),
            type="PER",
            operator=self.operator(smtp_port=self.postfix.token_port),
            collect=True,
        )


def missing() -> str | None:
    """Why an operator cannot be opened on this machine, or None."""
    return postfix.missing() or dovecot.missing()


@contextmanager
def open_operator(domain: str, locals_: list[str]) -> Iterator[OperatorPlace]:
    """Start everything (about two seconds), and leave nothing behind."""
    home = Path(tempfile.mkdtemp(prefix="passerelle-operator-"))
    home.chmod(0o755)  # the servers run as other users
    for part in ("ca", "dovecot", "postfix"):
        (home / part).mkdir()
    authority = Authority(home / "ca")
    imap = Dovecot(home / "dovecot", authority, [f"{each}@{domain}" for each in locals_])
    smtp = Postfix(home / "postfix", authority, domain, imap)
    try:
        imap.start()
        smtp.start()
        yield OperatorPlace(domain, authority, smtp, imap)
    finally:
        try:
            smtp.stop()
        finally:
            imap.stop()
            shutil.rmtree(home, ignore_errors=True)
