"""sandbox: MSSanté in a box, two operators on loopback that a gateway talks to as to real ones.

Nothing else of the gateway knows that it is a sandbox; it uses only `pack` (to write its receipts) and `model`.

- `a.mssante.test` has the gateway's own mailboxes; `b.mssante.test` has people who read each mail and return an MDN
  within a second when one is asked for, and the magic mailboxes: `bounce` (taken, then a DSN 5.1.1), `slow` (250 after
  some seconds), `full` (452), `greylist` (451 the first time, per ENVID), `refuse-902` (MDN `processed/error`, 902),
  `silent` (stored, never answered).
- SMTP submission and relay share one port per operator: STARTTLS is required. An application mailbox shows its client
  certificate and sends no AUTH: the certificate's e-mail name must be its envelope sender. A personal or organisation
  mailbox signs in with XOAUTH2 and the token in its file. Operators know each other by their server certificates.
  SIZE, 8BITMIME and DSN (RET, ENVID, NOTIFY, ORCPT) are offered and honoured. One recipient a message.
- The other operator is called while the sender waits: what it answers is what the sender hears. There is no queue.
- IMAP: STARTTLS first, then SASL EXTERNAL (an empty identity means the certificate's mailbox), or LOGIN and PLAIN with
  the address, any password and the same certificate, or XOAUTH2.
- Beside them stand a FHIR server, a partner's software and the practice's own ear, over https (`sites`): what they took
  lies in `fhir/`, `partner/` and `practice/`.
- Everything is below one directory: `sandbox.json` (ports, paths, mailboxes: what a `passerelle.yaml` needs), `mail/`
  (a Maildir per mailbox), `certificates/`, `tokens/`, `liste-blanche.xml`, `Extraction_Correspondance_MSSante.txt`.
  Started again there, it is the same place on the same ports. It is no place for real data: keys lie unprotected.
"""

from __future__ import annotations

from gateway.sandbox.maildirs import Arrival, arrivals
from gateway.sandbox.people import DEMO_PEOPLE, Person
from gateway.sandbox.place import DOMAINS, FACTS, Sandbox

__all__ = ["DEMO_PEOPLE", "DOMAINS", "FACTS", "Arrival", "Person", "Sandbox", "arrivals"]
