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
        "Envoyez un PDF (application/pdf).",
        "Send a PDF (application/pdf).",
    ),
    "not-a-cda": Text(
        "Le document XML n'est pas un document CDA R2.",
        "The XML document is not a CDA R2 document.",
        "Envoyez un ClinicalDocument de l'espace de noms urn:hl7-org:v3.",
        "Send a ClinicalDocument in namespace urn:hl7-org:v3.",
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
