"""What packing works with and gives: the seed of one packing, who sends, the documents, one leg's envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from gateway.model.facts import Facts
from gateway.model.identity import MailAddress
from gateway.pack.header import Id


@dataclass(frozen=True, slots=True)
class Minted:
    """What makes one packing unlike another: a seed drawn once per exchange, and the time of preparing (aware)."""

    seed: UUID
    at: datetime

    def uuid(self, name: str) -> UUID:
        """An identifier of this packing, always the same for the same name."""
        return uuid5(self.seed, name)

    def oid(self, name: str) -> str:
        """The same as an OID under 2.25 (ITU-T X.667)."""
        return _oid(self.seed, name)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An exchange that carried a report before: the seed of its packing, and when it was accepted (aware), if known.

    id, set_id  what its document called itself, when that was read; a software's own CDA document has its own
    """

    seed: UUID
    at: datetime | None = None
    id: Id | None = None
    set_id: Id | None = None

    @property
    def document(self) -> Id:
        """The identifier of the document that left."""
        return self.id or Id(_oid(self.seed, "document"))


def _oid(seed: UUID, name: str) -> str:
    return f"2.25.{uuid5(seed, name).int}"


@dataclass(frozen=True, slots=True)
class Disputed:
    """What archives say where official sources differ; the defaults are those of the official archives.

    content_type     what kind of submission it is: `facility` says the kind of place, `encounter` the kind of contact
    self_presenting  MIME type of a document that stands in its own style sheet
    """

    content_type: Literal["facility", "encounter"] = "facility"
    self_presenting: Literal["text/xml", "application/xslt+xml"] = "text/xml"


@dataclass(frozen=True, slots=True)
class Software:
    """Who the sending system says it is, in README.TXT, INDEX.HTM, the CDA's device and X-MSS-NIL."""

    name: str
    version: str
    vendor: str
    nil: str
    contact: str = ""
    disputed: Disputed = Disputed()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attached:
    """One more document of the archive, as the mail shows it: its code, whether its INS is complete, its PDF."""

    code: str
    ins_complete: bool
    pdf: bytes
    pdf_name: str

    def __repr__(self) -> str:
        return f"Attached({self.code}, {len(self.pdf)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Packed:
    """The documents of one exchange, made once and the same for every leg.

    pdf_name      ECO.2.1.6: `20261120_Plan personnalisé de soins_PAT-TROIS_DOMINIQUE.pdf`
    type_code     the CDA's `code/@code` (X-MSS-CODECDA), `type_label` its short official name
    label         what the subject calls it: that name; of a newer version "Annule et remplace" (AMBU.MSS/va1.02)
    ins_complete  True when the CDA holds matricule, OID and traits (X-MSS-INS: O)
    patient_line  `NOM Prénom 28/03/1979` for the subject
    facts         what each form says: `cda`, `xdm` (and `event`)
    also          the archive's documents after the first, in its order
    """

    cda: bytes
    pdf: bytes
    pdf_name: str
    archive: bytes
    type_code: str
    type_label: str
    label: str
    title: str
    ins_complete: bool
    patient_line: str
    facts: Mapping[str, Facts]
    also: tuple[Attached, ...] = ()

    def __repr__(self) -> str:
        return f"Packed({self.type_code}, {len(self.archive)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What one leg adds to the documents to make a mail.

    sender_name      display name by ECO.2.2.7: `Dr_Jeanne_MARTIN_Cabinet Martin` or the organisation's name
    reply_to         where a person's answer should go, when it is not the sending mailbox; to a patient it is the one
                     address they may write to from then on (ENS messagerie §9)
    text             the short French text of the body: who says what happened, and what is attached
    bundle           the FHIR Bundle to add, for a recipient known to have a gateway
    end_of_exchange  to a patient only: they may not answer any more (X-MSS-MES: FIN, ECO.2.2.8)
    return_receipt   also ask for the delivery report by the header Return-Receipt-To (ECO.2.3.1)
    """

    message_id: str
    at: datetime
    sender: MailAddress
    sender_name: str
    recipient: MailAddress
    recipient_name: str
    text: str
    nil: str
    reply_to: MailAddress | None = None
    bundle: bytes | None = None
    end_of_exchange: bool = False
    return_receipt: bool = False
