"""What each code of a fault or a notice means, in two languages, and what to do next (`GET /v1/errors`)."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — the body itself
    "not-json": Text(
        "Le corps n'est pas du JSON UTF-8 lisible.",
        "The body is not readable UTF-8 JSON.",
        "Envoyez un objet JSON (RFC 8259) encodé en UTF-8.",
        "Send one JSON object (RFC 8259) in UTF-8.",
    ),
    "not-xml": Text(
        "Le corps n'est pas du XML lisible, ou contient une construction interdite (DTD, entité).",
        "The body is not readable XML, or holds a forbidden construct (DTD, entity).",
        "Envoyez un document XML bien formé, sans DTD.",
        "Send a well-formed XML document without a DTD.",
    ),
    "too-deep": Text(
        "Le corps est imbriqué trop profondément (limite : {about}).",
        "The body is nested too deeply (limit: {about}).",
        "Aplatissez la structure envoyée.",
        "Flatten what is sent.",
    ),
    "too-large": Text(
        "Le corps dépasse la taille permise ({about}).",
        "The body is larger than allowed ({about}).",
        "Envoyez un document plus léger.",
        "Send a smaller document.",
    ),
    "too-many": Text(
        "La liste contient trop d'éléments (limite : {about}).",
        "The list holds too many items (limit: {about}).",
        "Envoyez moins d'éléments.",
        "Send fewer items.",
    ),
    "duplicate-key": Text(
        "Une clé JSON est présente deux fois dans le même objet.",
        "A JSON key appears twice in one object.",
        "Envoyez chaque clé une seule fois.",
        "Send each key once.",
    ),
    "unknown-field": Text(
        "Ce champ n'existe pas dans ce type d'événement.",
        "This field does not exist in this type of event.",
        "Retirez-le, ou vérifiez son nom dans le schéma publié.",
        "Remove it, or check its name in the published schema.",
    ),
    "missing-field": Text(
        "Le champ {about} est obligatoire.",
        "Field {about} is required.",
        "Ajoutez-le.",
        "Add it.",
    ),
    "null-field": Text(
        "Un champ ne peut pas être nul.",
        "A field may not be null.",
        "Omettez le champ quand sa valeur est inconnue.",
        "Leave the field out when its value is unknown.",
    ),
    "wrong-type": Text(
        "Le champ n'a pas la forme attendue ({about}).",
        "The field does not have the expected form ({about}).",
        "Corrigez la forme selon le schéma publié.",
        "Correct its form after the published schema.",
    ),
    "empty-text": Text(
        "Le texte est vide.",
        "The text is empty.",
        "Omettez le champ ou donnez sa valeur.",
        "Leave the field out or give its value.",
    ),
    "text-too-long": Text(
        "Le texte est trop long (limite : {about} caractères).",
        "The text is too long (limit: {about} characters).",
        "Raccourcissez-le.",
        "Shorten it.",
    ),
    "control-character": Text(
        "Le texte contient un caractère de contrôle ou un saut de ligne interdit.",
        "The text holds a forbidden control character or line break.",
        "Retirez les caractères de contrôle.",
        "Remove control characters.",
    ),
    "unknown-code": Text(
        "Ce code n'existe pas dans la liste {about}.",
        "This code does not exist in list {about}.",
        "Prenez un code de la nomenclature nationale.",
        "Take a code from the national code list.",
    ),
    "bad-base64": Text(
        "Le contenu n'est pas du base64 valide.",
        "The content is not valid base64.",
        "Encodez les octets en base64 standard (RFC 4648 §4).",
        "Encode the bytes in standard base64 (RFC 4648 §4).",
    ),
    # — types and dialects
    "unknown-type": Text(
        "Ce type d'événement n'existe pas.",
        "This type of event does not exist.",
        "Prenez un type de la liste publiée.",
        "Take a type from the published list.",
    ),
    "unsupported-type": Text(
        "Ce type d'événement est réservé mais pas encore pris en charge.",
        "This type of event is reserved but not supported yet.",
        "Consultez le journal des versions.",
        "See the changelog.",
    ),
    "unknown-dialect": Text(
        "Ce dialecte n'est pas installé.",
        "This dialect is not installed.",
        "Vérifiez le nom du dialecte, ou ajoutez sa table.",
        "Check the dialect's name, or add its table.",
    ),
    # — time
    "bad-instant": Text(
        "L'instant n'est pas une date et une heure avec fuseau.",
        "The instant is not a date and time with a zone.",
        "Écrivez par exemple 2026-11-20T09:30:00+01:00 (RFC 3339).",
        "Write for example 2026-11-20T09:30:00+01:00 (RFC 3339).",
    ),
    "bad-date": Text(
        "La date n'existe pas ou n'a pas la forme AAAA-MM-JJ.",
        "The date does not exist or is not in the form YYYY-MM-DD.",
        "Écrivez une date réelle, par exemple 2026-11-20.",
        "Write a real date, for example 2026-11-20.",
    ),
    "dates-reversed": Text(
        "La fin précède le début.",
        "The end is before the beginning.",
        "Corrigez l'une des deux dates.",
        "Correct one of the two dates.",
    ),
    # — identifiers
    "ins-form": Text(
        "Le matricule INS n'a pas 13 caractères suivis d'une clé de 2 chiffres.",
        "The INS is not 13 characters followed by a 2-digit key.",
        "Envoyez le matricule complet, sans espace.",
        "Send the whole number, without spaces.",
    ),
    "ins-key": Text(
        "La clé du matricule INS ne correspond pas à son numéro.",
        "The INS key does not match its number.",
        "Vérifiez l'identité auprès du téléservice INSi.",
        "Check the identity with the INSi service.",
    ),
    "rpps-form": Text(
        "Le numéro RPPS n'a pas 11 chiffres.",
        "The RPPS number is not 11 digits.",
        "Envoyez les 11 chiffres du numéro RPPS, sans préfixe.",
        "Send the 11 digits of the RPPS number, without prefix.",
    ),
    "rpps-key": Text(
        "La clé du numéro RPPS est fausse.",
        "The RPPS check digit is wrong.",
        "Vérifiez le numéro dans l'Annuaire Santé.",
        "Check the number in the Annuaire Santé.",
    ),
    "finess-form": Text(
        "Le numéro FINESS n'a pas 9 caractères.",
        "The FINESS number is not 9 characters.",
        "Envoyez les 9 caractères du numéro FINESS.",
        "Send the 9 characters of the FINESS number.",
    ),
    "finess-key": Text(
        "La clé du numéro FINESS est fausse.",
        "The FINESS check digit is wrong.",
        "Vérifiez le numéro dans le répertoire FINESS.",
        "Check the number in the FINESS register.",
    ),
    "siren-form": Text(
        "Le numéro SIREN ou SIRET n'a pas la bonne longueur ou sa clé est fausse.",
        "The SIREN or SIRET number has the wrong length or a wrong check digit.",
        "Vérifiez le numéro auprès de l'Insee.",
        "Check the number with Insee.",
    ),
    "identifier-form": Text(
        "L'identifiant n'a pas la forme attendue pour {about}.",
        "The identifier does not have the form expected for {about}.",
        "Corrigez l'identifiant.",
        "Correct the identifier.",
    ),
    "address-form": Text(
        "L'adresse de messagerie n'est pas lisible.",
        "The mail address cannot be read.",
        "Écrivez nom@domaine, sans commentaire ni accent.",
        "Write name@domain, without comments or accents.",
    ),
    # — people and patients
    "no-patient-identifier": Text(
        "Le patient n'a ni INS ni identifiant local.",
        "The patient has neither INS nor local identifier.",
        "Ajoutez patient.local_id ou patient.ins.",
        "Add patient.local_id or patient.ins.",
    ),
    "no-professional-identifier": Text(
        "Le professionnel n'a ni RPPS ni autre identifiant.",
        "The professional has neither RPPS nor another identifier.",
        "Ajoutez rpps, ou ids pour une personne sans RPPS.",
        "Add rpps, or ids for a person without RPPS.",
    ),
    "no-name": Text(
        "Le nom de la personne ou de l'organisation manque.",
        "The name of the person or organisation is missing.",
        "Ajoutez le nom.",
        "Add the name.",
    ),
    "member-kind": Text(
        "Un membre est un professionnel, une organisation ou un proche, et un seul des trois.",
        "A member is a professional, an organisation or a relative, and exactly one of these.",
        "Gardez une seule de ces formes.",
        "Keep one of these forms.",
    ),
    "recipient-kind": Text(
        "Un destinataire se désigne d'une seule façon.",
        "A recipient is named in exactly one way.",
        "Gardez member, rpps, ids, role, patient ou mss.",
        "Keep one of member, rpps, ids, role, patient or mss.",
    ),
    "duplicate-member": Text(
        "Deux membres de l'équipe portent le même identifiant.",
        "Two members of the team have the same id.",
        "Donnez à chaque membre un identifiant stable et distinct.",
        "Give each member a stable id of its own.",
    ),
    # — state
    "unknown-team": Text(
        "Cette équipe n'a pas été annoncée par votre logiciel.",
        "Your software has not announced this team.",
        "Envoyez d'abord team.created (ou team.snapshot).",
        "Send team.created (or team.snapshot) first.",
    ),
    "unknown-plan": Text(
        "Ce plan n'a pas été annoncé par votre logiciel.",
        "Your software has not announced this plan.",
        "Envoyez d'abord plan.created.",
        "Send plan.created first.",
    ),
    "unknown-member": Text(
        "Ce membre ne fait pas partie de l'équipe connue.",
        "This member is not in the team as known.",
        "Vérifiez member.id, ou annoncez d'abord son arrivée.",
        "Check member.id, or announce their arrival first.",
    ),
    "other-patient": Text(
        "L'équipe ou le plan appartient à un autre patient.",
        "The team or plan belongs to another patient.",
        "Vérifiez l'identifiant de l'équipe ou du plan.",
        "Check the team's or plan's id.",
    ),
    "team-closed": Text(
        "L'équipe est close.",
        "The team is closed.",
        "Créez une nouvelle équipe.",
        "Create a new team.",
    ),
    "ambiguous-event": Text(
        "Plusieurs types d'événement correspondent à ce qui a été envoyé.",
        "More than one type of event fits what was sent.",
        "Indiquez le type dans Bundle.meta.tag.",
        "Name the type in Bundle.meta.tag.",
    ),
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
    # — the door
    "duplicate-event": Text(
        "Un autre événement porte déjà cet identifiant.",
        "Another event already has this id.",
        "Donnez un nouvel identifiant à un nouvel événement.",
        "Give a new event a new id.",
    ),
    "no-mailbox-for-sender": Text(
        "Aucune boîte MSSanté n'est configurée pour cet émetteur.",
        "No MSSanté mailbox is configured for this sender.",
        "Demandez à l'administrateur d'ajouter une boîte.",
        "Ask the administrator to add a mailbox.",
    ),
    "test-identity-in-production": Text(
        "Une identité de test ou de démonstration est refusée en production.",
        "A test or demonstration identity is refused in production.",
        "Utilisez un environnement de test.",
        "Use a test environment.",
    ),
    "real-identity-in-test": Text(
        "Une identité réelle est refusée hors production.",
        "A real identity is refused outside production.",
        "Utilisez un matricule de test.",
        "Use a test number.",
    ),
}

NOTICES: dict[str, Text] = {
    "late-event": Text(
        "L'événement est antérieur à l'état déjà connu ; il est accepté.",
        "The event happened before the state already known; it is accepted.",
    ),
    "team-replaced": Text(
        "L'équipe était déjà connue ; son état est remplacé.",
        "The team was already known; its state is replaced.",
    ),
    "plan-replaced": Text(
        "Le plan était déjà connu ; son état est remplacé.",
        "The plan was already known; its state is replaced.",
    ),
    "member-already-in": Text(
        "Ce membre fait déjà partie de l'équipe ; ses informations sont mises à jour.",
        "This member is already in the team; their details are updated.",
    ),
    "team-not-chosen": Text(
        "Le patient a plusieurs équipes et l'événement n'en nomme aucune.",
        "The patient has several teams and the event names none.",
    ),
    "ins-kept-inside": Text(
        "L'identité n'est pas qualifiée : le matricule INS reste dans la passerelle.",
        "The identity is not qualified: the INS number stays inside the gateway.",
    ),
    "pdf-not-archival": Text(
        "Le PDF reçu ne se déclare pas PDF/A-1 ; il est transmis tel quel.",
        "The PDF received does not claim PDF/A-1; it is carried as it is.",
    ),
}
