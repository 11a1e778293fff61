"""Debian's Postfix on loopback: an operator's submission service, delivering to Dovecot by LMTP.

Two submission ports, both STARTTLS only: `smtp_port` demands a client certificate (application mailboxes),
`token_port` a sign-in by XOAUTH2 (personal ones). Delivery reports are on. A recipient `refused@…` is turned away at
RCPT; one without a mailbox is taken and bounced.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from pathlib import Path

from tests.places.authority import Authority
from tests.places.dovecot import Dovecot
from tests.places.ports import free_ports, wait_for

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
shlib_directory = /usr/lib/postfix
sendmail_path = /usr/sbin/sendmail
newaliases_path = /usr/bin/newaliases
mailq_path = /usr/bin/mailq
html_directory = no
manpage_directory = /usr/share/man
maillog_file = {home}/log/postfix.log
maillog_file_prefixes = {home}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mydomain = {domain}
myorigin = {domain}
mydestination =
mynetworks =
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:unix:{lmtp}
relay_domains =
default_transport = error:5.4.4 no way out of this place
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_CAfile = {ca}
smtpd_tls_loglevel = 0
smtpd_tls_session_cache_database =
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sasl_auth_enable = no
smtpd_relay_restrictions = permit_auth_destination, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{{{refused@{domain} = 550 5.1.1 unknown here}}}}, permit
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
local_header_rewrite_clients =
smtpd_forbid_bare_newline = yes
bounce_queue_lifetime = 1h
bounce_size_limit = 50000
message_size_limit = 31457280
header_size_limit = 102400
enable_long_queue_ids = yes
disable_dns_lookups = yes
smtp_host_lookup = native
"""

_MASTER = """
{smtp_port} inet n - n - 20 smtpd -o smtpd_tls_req_ccert=yes
{token_port} inet n - n - 20 smtpd -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str | None:
    """Why this place cannot be opened here, or None."""
    if os.geteuid() != 0:
        return "Postfix's master process needs root"
    if not Path("/usr/lib/postfix/sbin/master").exists():
        return "Postfix is not installed (tests/places/packages.txt)"
    return None


class Postfix:
    """`home` must be a directory that other users may enter."""

    def __init__(self, home: Path, authority: Authority, domain: str, dovecot: Dovecot) -> None:
        self.home, self.domain = home, domain
        self.smtp_port, self.token_port = free_ports(2)
        self._config = home / "etc"
        for directory in (self._config, home / "queue", home / "data", home / "log"):
            directory.mkdir()
        postfix = pwd.getpwnam("postfix")
        os.chown(home / "data", postfix.pw_uid, postfix.pw_gid)
        certificate, key = authority.server("postfix")
        main = _MAIN.format(
            home=home,
            domain=domain,
            lmtp=dovecot.lmtp_socket,
            auth=dovecot.auth_socket,
            certificate=certificate,
            key=key,
            ca=authority.ca_file,
        )
        (self._config / "main.cf").write_text(main)
        (self._config / "master.cf").write_text(_MASTER.format(smtp_port=self.smtp_port, token_port=self.token_port))

    def start(self) -> None:
        """Listen, within five seconds."""
        self._run("start")
        for port in (self.smtp_port, self.token_port):
            wait_for(port, within_s=5)

    def stop(self) -> None:
        """Stop the master; it takes its children with it."""
        self._run("stop")

    def wait_until_idle(self, *, within_s: float = 15) -> None:
        """Return once every mail taken, and every report about one, has reached its mailbox. Raises TimeoutError."""
        until = time.monotonic() + within_s
        queues = [self.home / "queue" / name for name in ("maildrop", "incoming", "active")]
        while any(file.is_file() for queue in queues for file in queue.rglob("*")):
            if time.monotonic() > until:
                raise TimeoutError("Postfix still holds mail")
            time.sleep(0.02)

    def log(self) -> str:
        """What Postfix has written down so far."""
        file = self.home / "log" / "postfix.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def _run(self, what: str) -> None:
        done = subprocess.run(["postfix", "-c", str(self._config), what], capture_output=True, timeout=30, check=False)
        if done.returncode != 0:
            raise RuntimeError(
                f"postfix {what}: {done.stderr.decode('utf-8', 'replace')[-2000:]}\n{self.log()[-2000:]}"
            )
