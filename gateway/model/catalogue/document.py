"""Documents, and FHIR read back."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — documents
    "not-a-pdf": Text(
        "Le document annoncé comme PDF n'en est pas un.",
        "The document said to be a PDF is not one.",
        "Envoyez le PDF lui-même, ou corrigez content_type.",
        "Send the PDF itself, or correct content_type.",
    ),
    "encrypted-pdf": Text(
        "Le PDF est chiffré ou protégé par un mot de passe.",
        "The PDF is encrypted or password-protected.",
        "Envoyez un PDF non protégé.",
        "Send an unprotected PDF.",
    ),
    "broken-pdf": Text(
        "Le PDF est endommagé.",
        "The PDF is damaged.",
        "Produisez-le de nouveau.",
        "Produce it again.",
    ),
    "unsupported-document": Text(
        "Ce format de document n'est pas encore pris en charge.",
        "This document format is not supported yet.",
        "Envoyez un PDF (application/pdf) ou un CDA R2 (text/xml), de niveau 1 autour d'un PDF ou de niveau 3.",
        "Send a PDF (application/pdf) or a CDA R2 document (text/xml), level 1 around a PDF or level 3.",
    ),
    "no-narrative": Text(
        "Le document CDA n'a ni corps structuré ni PDF.",
        "The CDA document has neither a structured body nor a PDF.",
        "Envoyez un document de niveau 1 autour d'un PDF, ou de niveau 3.",
        "Send a level 1 document around a PDF, or a level 3 one.",
    ),
    "ins-in-document": Text(
        "Le document CDA contient un matricule INS alors que l'identité n'est pas qualifiée.",
        "The CDA document holds an INS number while the identity is not qualified.",
        "Retirez l'INS du document, ou envoyez une identité qualifiée.",
        "Take the INS out of the document, or send a qualified identity.",
    ),
    "not-a-cda": Text(
        "Le document XML n'est pas un document CDA R2.",
        "The XML document is not a CDA R2 document.",
        "Envoyez un ClinicalDocument de l'espace de noms urn:hl7-org:v3.",
        "Send a ClinicalDocument in namespace urn:hl7-org:v3.",
    ),
    "not-hl7v2": Text(
        "Ce n'est pas un message HL7 v2 : il ne commence pas par un segment MSH lisible.",
        "This is not an HL7 v2 message: it does not begin with a readable MSH segment.",
        "Envoyez le message tel qu'il a été émis, encadrement MLLP compris ou non.",
        "Give the message as it was sent, with or without its MLLP frame.",
    ),
    "not-an-archive": Text(
        "Le fichier n'est pas une archive IHE_XDM lisible ({about}).",
        "The file is not a readable IHE_XDM archive ({about}).",
        "Envoyez un fichier ZIP construit selon IHE XDM.",
        "Send a ZIP file laid out after IHE XDM.",
    ),
    "unsafe-archive": Text(
        "L'archive a une forme dangereuse ({about}) : elle n'est pas ouverte.",
        "The archive has a dangerous form ({about}): it is not opened.",
        "Produisez l'archive de nouveau avec un outil ordinaire.",
        "Make the archive again with an ordinary tool.",
    ),
    "broken-archive": Text(
        "L'archive contredit ses propres métadonnées ({about}).",
        "The archive contradicts its own metadata ({about}).",
        "Produisez l'archive de nouveau à partir du document.",
        "Make the archive again from the document.",
    ),
    "incomplete-metadata": Text(
        "Le document ne dit pas ce que ses métadonnées doivent dire ({about}).",
        "The document does not say what its metadata must say ({about}).",
        "Complétez l'en-tête du document.",
        "Complete the document's header.",
    ),
    "mixed-patients": Text(
        "Une archive concerne un seul patient : ce document en nomme un autre.",
        "An archive is about one patient: this document names another one.",
        "Faites une archive par patient.",
        "Make one archive per patient.",
    ),
    "repeated-document": Text(
        "Ce document est déjà dans l'archive, sous le même identifiant.",
        "This document is in the archive already, under the same identifier.",
        "Ne le donnez qu'une fois, ou donnez un identifiant à chaque version.",
        "Give it once, or give each version an identifier of its own.",
    ),
    "unknown-content": Text(
        "Aucun contenu déposé par votre logiciel ne porte cette empreinte.",
        "Your software has uploaded no content with this digest.",
        "Déposez d'abord le contenu, ou envoyez-le dans data.",
        "Upload the content first, or send it in data.",
    ),
    # — FHIR read back
    "not-a-bundle": Text(
        "La ressource n'est pas un Bundle que la passerelle sait lire.",
        "The resource is not a Bundle this gateway can read.",
        "Envoyez un Bundle transaction du guide français correspondant.",
        "Send a transaction Bundle of the matching French guide.",
    ),
    "bad-resource": Text(
        "La ressource {about} n'est pas une ressource FHIR R4 valide.",
        "Resource {about} is not a valid FHIR R4 resource.",
        "Corrigez-la d'après la spécification R4.",
        "Correct it after the R4 specification.",
    ),
}
