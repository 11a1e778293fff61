"""What the HTTP door refuses."""

from __future__ import annotations

from gateway.model.texts import Text

FAULTS: dict[str, Text] = {
    # — the door
    "unreadable-file": Text(
        "Ce n'est pas un fichier ordinaire que la passerelle peut lire.",
        "This is not a plain file the gateway can read.",
        "Déposez le fichier lui-même, pas un lien, avec le droit de lecture.",
        "Drop the file itself, not a link, with the right to read it.",
    ),
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
