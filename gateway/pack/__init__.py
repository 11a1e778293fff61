"""pack: documents, archives, mails and receipts that a person or their software can read.

Pure functions: time and identifiers come in with `Minted`, so the same call gives the same bytes.
"""

from __future__ import annotations

from gateway.pack.cda import Cda, read_cda, write_cda
from gateway.pack.check import RULES, Finding, Rule, check_cda
from gateway.pack.cloudevent import CloudEvent, read_cloudevent, write_cloudevent
from gateway.pack.delivery_status import Action, write_dsn
from gateway.pack.disposition import receipt_wanted, write_mdn
from gateway.pack.document import check_document, pack
from gateway.pack.draft import event_facts
from gateway.pack.facts import mail_facts
from gateway.pack.given import carried_by, is_cda, under_own_masks
from gateway.pack.hl7v2 import Message, is_hl7v2, read_hl7v2
from gateway.pack.hl7v2_flows import documents_of, flags_of, kind_of, masks_of, message_words
from gateway.pack.ko_mail import refusal_wanted, write_ko_mail
from gateway.pack.mail import Mail, message_id_of, read_mail, write_mail
from gateway.pack.packed import Earlier, Envelope, Minted, Packed, Software
from gateway.pack.pdf_convert import Converter, Ghostscript, NotConverted, convert_pdf
from gateway.pack.pdf_rules import PdfRules
from gateway.pack.receipt import Receipt, belongs, read_receipt, verdict
from gateway.pack.received import WRONG_KEYS, as_event
from gateway.pack.xdm import Archive, Enclosed, read_archive, write_archive
from gateway.pack.xds_words import entry_words, submission_words

__all__ = [
    "RULES",
    "WRONG_KEYS",
    "Action",
    "Archive",
    "Cda",
    "CloudEvent",
    "Converter",
    "Earlier",
    "Enclosed",
    "Envelope",
    "Finding",
    "Ghostscript",
    "Mail",
    "Message",
    "Minted",
    "NotConverted",
    "Packed",
    "PdfRules",
    "Receipt",
    "Rule",
    "Software",
    "as_event",
    "belongs",
    "carried_by",
    "check_cda",
    "check_document",
    "convert_pdf",
    "documents_of",
    "entry_words",
    "event_facts",
    "flags_of",
    "is_cda",
    "is_hl7v2",
    "kind_of",
    "mail_facts",
    "masks_of",
    "message_id_of",
    "message_words",
    "pack",
    "read_archive",
    "read_cda",
    "read_cloudevent",
    "read_hl7v2",
    "read_mail",
    "read_receipt",
    "receipt_wanted",
    "refusal_wanted",
    "submission_words",
    "under_own_masks",
    "verdict",
    "write_archive",
    "write_cda",
    "write_cloudevent",
    "write_dsn",
    "write_ko_mail",
    "write_mail",
    "write_mdn",
]
