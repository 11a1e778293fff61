"""Identifiers, people and patients."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
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
    "ins-as-local-id": Text(
        "L'identifiant local porte l'OID d'un matricule INS.",
        "The local identifier has the OID of an INS number.",
        "Envoyez le matricule dans patient.ins, avec le statut de l'identité, et ici le numéro de votre logiciel.",
        "Send the INS in patient.ins, with the status of the identity, and your software's own number here.",
    ),
    "ins-in-another-field": Text(
        "Le matricule INS d'une identité non qualifiée est écrit dans ce champ, qui quitte la passerelle.",
        "The INS number of an identity that is not qualified stands in this field, which leaves the gateway.",
        "Retirez-le de ce champ, ou qualifiez l'identité.",
        "Take it out of this field, or qualify the identity.",
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
    "not-to-patient": Text(
        "Seul un échange avec le patient se clôt ainsi.",
        "Only an exchange with the patient is ended this way.",
        "Retirez end_of_exchange, ou désignez le patient : patient: true.",
        "Take end_of_exchange out, or name the patient: patient: true.",
    ),
    "duplicate-activity": Text(
        "Deux actions du plan portent le même identifiant.",
        "Two activities of the plan have the same id.",
        "Donnez à chaque action un identifiant stable et distinct.",
        "Give each activity a stable id of its own.",
    ),
    "duplicate-member": Text(
        "Deux membres de l'équipe portent le même identifiant, ou deux périodes d'un membre se recouvrent.",
        "Two members of the team have the same id, or two periods of one member overlap.",
        "Donnez à chaque membre un identifiant stable et distinct.",
        "Give each member a stable id of its own.",
    ),
}
