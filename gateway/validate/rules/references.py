"""Rules on references: their form, what they find, what they may find."""

from __future__ import annotations

from gateway.validate.rules.rule import Rule

REFERENCES = {
    "reference-empty": Rule(
        "warning",
        "structure",
        "Cette référence ne désigne rien : donner « reference », « identifier » ou au moins « display ».",
        "This reference names nothing: give “reference”, “identifier” or at least “display”.",
    ),
    "reference-form": Rule(
        "error",
        "value",
        "Une référence relative s'écrit Type/id (par exemple Patient/123), avec un type de ressource de FHIR R4.",
        "A relative reference is written Type/id (Patient/123, say), with a resource type of FHIR R4.",
    ),
    "reference-conditional": Rule(
        "error",
        "value",
        "Une référence conditionnelle (Type?critère) n'est permise que dans un Bundle de type transaction ou batch.",
        "A conditional reference (Type?criteria) is only allowed in a Bundle of type transaction or batch.",
    ),
    "reference-type": Rule(
        "error",
        "structure",
        "« Reference.type » contredit la ressource désignée, qui est de type {found}.",
        "“Reference.type” contradicts the resource meant, which is a {found}.",
    ),
    "contained-missing": Rule(
        "error",
        "not-found",
        "La ressource ne contient (« contained ») aucune ressource de cet identifiant.",
        "The resource contains (“contained”) no resource with this id.",
    ),
    "reference-no-full-url": Rule(
        "error",
        "required",
        "Une référence relative ne peut être suivie : l'entrée du Bundle qui la porte n'a pas de « fullUrl ».",
        "A relative reference cannot be followed: the entry of the Bundle that holds it has no “fullUrl”.",
    ),
    "reference-ambiguous": Rule(
        "error",
        "multiple-matches",
        "{found} entrées du Bundle ont la « fullUrl » que désigne cette référence : il en faut une seule.",
        "{found} entries of the Bundle have the “fullUrl” this reference means: there must be one.",
    ),
    "reference-contradicts": Rule(
        "error",
        "structure",
        "La référence dit {type}, mais l'entrée du Bundle qu'elle désigne est de type {found}.",
        "The reference says {type}, but the entry of the Bundle it means is a {found}.",
    ),
    "reference-urn-missing": Rule(
        "warning",
        "not-found",
        "Aucune entrée du Bundle n'a cette URN pour « fullUrl » : hors du Bundle, elle ne désigne rien.",
        "No entry of the Bundle has this URN as its “fullUrl”: outside the Bundle it means nothing.",
    ),
    "reference-other-url": Rule(
        "warning",
        "not-found",
        "{found} entrée(s) du Bundle ont ce type et cet identifiant, mais leur « fullUrl » n'est pas celle que la"
        " référence désigne depuis la « fullUrl » de sa propre entrée.",
        "{found} entries of the Bundle have this type and id, but their “fullUrl” is not the one the reference means,"
        " seen from the “fullUrl” of its own entry.",
    ),
    "canonical-relative": Rule(
        "error",
        "value",
        "Une URL canonique doit être absolue, ou désigner une ressource contenue (#id).",
        "A canonical URL must be absolute, or name a contained resource (#id).",
    ),
    "attachment-size": Rule(
        "error",
        "value",
        "La taille dite (« size ») n'est pas celle du contenu, de {found} octets une fois décodé.",
        "The size said is not that of the content, which has {found} bytes once decoded.",
    ),
    "attachment-hash": Rule(
        "error",
        "value",
        "L'empreinte dite (« hash ») n'est pas celle du contenu : le SHA-1 de ses octets décodés, écrit en base64.",
        "The hash said is not that of the content: the SHA-1 of its decoded bytes, written in base64.",
    ),
    "attachment-hash-form": Rule(
        "warning",
        "value",
        "L'empreinte (« hash ») n'est pas un SHA-1 en base64 (28 caractères) : encoder ses 20 octets, non ses chiffres"
        " hexadécimaux.",
        "The hash is no SHA-1 in base64 (28 characters): encode its 20 bytes, not its hexadecimal digits.",
    ),
    "target-type": Rule(
        "error",
        "structure",
        "La ressource désignée est de type {found} ; attendu : {types}.",
        "The resource meant is a {found}; expected: {types}.",
    ),
    "target-profile": Rule(
        "error",
        "structure",
        "La ressource désignée n'est conforme à aucun des profils attendus : {profiles}. La corriger, ou en désigner"
        " une autre.",
        "The resource meant conforms to none of the expected profiles: {profiles}. Correct it, or name another.",
    ),
    "target-unknown": Rule(
        "warning",
        "not-found",
        "La ressource désignée ne peut être jugée : la définition attendue n'est pas installée ({targets}).",
        "The resource meant cannot be judged: the expected definition is not installed ({targets}).",
    ),
    "target-held": Rule(
        "error",
        "structure",
        "La ressource désignée ne se trouve pas là où le profil la veut : {fr}.",
        "The resource meant does not stand where the profile wants it: {en}.",
    ),
    "implicit-rules": Rule(
        "warning",
        "not-supported",
        "Les règles de « implicitRules » peuvent changer le sens de la ressource ; elles ne sont pas connues ici.",
        "The rules “implicitRules” names may change the meaning of the resource; they are not known here.",
    ),
    "questionnaire-unjudged": Rule(
        "information",
        "not-supported",
        "Les réponses ne sont pas comparées aux questions du questionnaire : seule leur structure est jugée.",
        "The answers are not held against the questions of the questionnaire: only their structure is judged.",
    ),
    "security-label-twice": Rule(
        "error",
        "duplicate",
        "La ressource a déjà cette étiquette de sécurité (même système, même code) : ne la mettre qu'une fois.",
        "The resource already has this security label (same system, same code): put it only once.",
    ),
    "contained-no-id": Rule(
        "error",
        "required",
        "Une ressource contenue doit avoir un « id » : rien d'autre ne permet de la désigner.",
        "A contained resource must have an “id”: nothing else can name it.",
    ),
    "contained-same-id": Rule(
        "error",
        "duplicate",
        "Une autre ressource contenue a le même « id » : chacun doit être unique dans la ressource.",
        "Another contained resource has the same “id”: each must be unique in the resource.",
    ),
    "element-same-id": Rule(
        "error",
        "duplicate",
        "Un autre élément de la ressource a le même « id » : chacun doit être unique dans la ressource.",
        "Another element of the resource has the same “id”: each must be unique in the resource.",
    ),
    "profile-unknown": Rule(
        "warning",
        "not-found",
        "Le profil {profile} n'est dans aucun des paquets installés : la conformité n'est pas contrôlée. L'ajouter par"
        " --packages ou --definitions, ou `passerelle profiles install`.",
        "Profile {profile} is in none of the installed packages: conformance is not checked. Add it with --packages or"
        " --definitions, or `passerelle profiles install`.",
    ),
    "profile-broken": Rule(
        "error",
        "not-supported",
        "La définition du profil {profile} ne peut être utilisée ({what}, {where}) : corriger le paquet qui la publie.",
        "The definition of profile {profile} cannot be used ({what}, {where}): the package that publishes it is wrong.",
    ),
    "profile-other-version": Rule(
        "information",
        "informational",
        "La version du profil {profile} n'est pas installée : jugé selon la version {version}.",
        "The version of profile {profile} is not installed: judged by version {version}.",
    ),
    "vital-signs": Rule(
        "information",
        "informational",
        "Le code LOINC de cette observation est celui d'un signe vital : FHIR R4 exige aussi le profil « {profile} ».",
        "The LOINC code of this Observation is that of a vital sign: FHIR R4 also asks for profile “{profile}”.",
    ),
}
