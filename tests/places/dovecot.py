"""Debian's Dovecot on loopback: mailboxes (IMAP), local delivery (LMTP) and sign-in for Postfix.

IMAP takes EXTERNAL (the client certificate's common name is the mailbox), PLAIN and XOAUTH2, after STARTTLS only.
Tokens are JWTs signed with `token_key`, checked by Dovecot itself; claim `email` names the mailbox.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OctKey

from tests.places.authority import Authority
from tests.places.ports import free_ports, wait_for

PASSWORD = "letter-box"  # every mailbox's, for PLAIN
_NOBODY = 65534

_SETTINGS = """
base_dir = {run}
state_dir = {state}
log_path = {home}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
instance_name = {home}
login_trusted_networks =
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_ca = <{ca}
ssl_require_crl = no
ssl_verify_client_cert = yes
ssl_min_protocol = TLSv1.2
ssl_dh =
disable_plaintext_auth = yes
auth_mechanisms = external plain xoauth2
auth_ssl_username_from_cert = yes
auth_username_format = %Lu
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = external
  args = nopassword=y
}}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {home}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
  service_count = 0
  process_min_avail = 1
}}
service lmtp {{
  unix_listener lmtp-here {{
    mode = 0666
  }}
  process_min_avail = 1
}}
service auth {{
  unix_listener auth-here {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  auth_username_format = %Lu
}}
protocol imap {{
  mail_max_userip_connections = 100
}}
"""

_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={home}/keys/
username_attribute = email
"""


def missing() -> str | None:
    """Why this place cannot be opened here, or None."""
    if os.geteuid() != 0:
        return "Dovecot's master process needs root"
    if not shutil.which("dovecot") or not Path("/usr/lib/dovecot/lmtp").exists():
        return "Dovecot with IMAP and LMTP is not installed (tests/places/packages.txt)"
    return None


class Dovecot:
    """`home` must be a directory that other users may enter."""

    def __init__(self, home: Path, authority: Authority, addresses: list[str]) -> None:
        self.home, self.addresses = home, addresses
        self.run = home / "run"
        [self.imap_port] = free_ports(1)
        self.lmtp_socket, self.auth_socket = self.run / "lmtp-here", self.run / "auth-here"
        self._key = OctKey.import_key(base64.b64encode(os.urandom(32)))
        self._write_settings(authority)
        self._process: subprocess.Popen[bytes] | None = None

    def _write_settings(self, authority: Authority) -> None:
        certificate, key = authority.server("dovecot")
        (self.home / "state").mkdir()
        keys = self.home / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(self._key.raw_value))
        (self.home / "oauth2.conf").write_text(_OAUTH2.format(home=self.home))
        mail = self.home / "mail"
        mail.mkdir()
        os.chown(mail, _NOBODY, _NOBODY)
        users = [f"{each}:{PASSWORD}:{_NOBODY}:{_NOBODY}::{mail / each}::\n" for each in self.addresses]
        (self.home / "users").write_text("".join(users))
        (self.home / "dovecot.conf").write_text(
            _SETTINGS.format(
                home=self.home,
                run=self.run,
                state=self.home / "state",
                certificate=certificate,
                key=key,
                ca=authority.ca_file,
                imap_port=self.imap_port,
            )
        )

    def start(self) -> None:
        """Listen, within five seconds."""
        self._process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.imap_port, within_s=5)

    def stop(self) -> None:
        """Stop the master; it takes its children with it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def token(self, address: str, *, lives_s: int = 300, wide: bool = False) -> str:
        """An access token of that mailbox's owner; a `wide` one is as long as a real provider's."""
        now = int(time.time())
        claims = {"email": address, "sub": address, "iat": now, "exp": now + lives_s, "scope": "openid"}
        if wide:
            claims["padding"] = "x" * 900
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._key)

    def stored(self, address: str) -> list[bytes]:
        """Every message file of that mailbox, as it lies on the disk."""
        maildir = self.home / "mail" / address / "Maildir"
        return [file.read_bytes() for folder in ("new", "cur") for file in sorted((maildir / folder).glob("*"))]

    def wait_for_mail(self, address: str, count: int, *, within_s: float = 15) -> list[bytes]:
        """The mailbox's messages once there are at least `count` of them. Raises TimeoutError."""
        until = time.monotonic() + within_s
        while len(found := self.stored(address)) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(found)} of {count} messages in {address}")
            time.sleep(0.03)
        return found

    def empty(self, address: str) -> None:
        """Throw the mailbox away."""
        shutil.rmtree(self.home / "mail" / address, ignore_errors=True)
