"""What a PDF is not, and what it would do. `{about}`: the pages, or the document as a whole."""

from __future__ import annotations

from gateway.model.texts import Text

_PRINT = ("Imprimez-le en PDF, de préférence PDF/A-1.", "Print it to PDF, preferably PDF/A-1.")

FAULTS: dict[str, Text] = {
    "pdf-not-archival": Text(
        "Le PDF ne se déclare pas PDF/A-1.",
        "The PDF does not claim PDF/A-1.",
        "Enregistrez-le en PDF/A-1 : la messagerie sécurisée de santé le demande.",
        "Save it as PDF/A-1: secure health mail asks for it.",
    ),
    "pdf-script": Text("Le PDF contient un programme ({about}).", "The PDF holds a script ({about}).", *_PRINT),
    "pdf-launch": Text(
        "Le PDF peut lancer un programme du poste ({about}).", "The PDF can start a program ({about}).", *_PRINT
    ),
    "pdf-calls-out": Text(
        "Le PDF peut envoyer des données ou appeler une adresse de lui-même ({about}).",
        "The PDF can send data or call an address by itself ({about}).",
        *_PRINT,
    ),
    "pdf-other-file": Text(
        "Le PDF renvoie à un autre fichier ({about}).", "The PDF leads to another file ({about}).", *_PRINT
    ),
    "pdf-multimedia": Text(
        "Le PDF contient du son, un film ou une scène animée ({about}).",
        "The PDF holds sound, a film or an animated scene ({about}).",
        *_PRINT,
    ),
    "pdf-attachment": Text(
        "Le PDF contient un autre fichier ({about}).",
        "The PDF holds another file ({about}).",
        "Envoyez ce fichier à part, et le PDF sans lui.",
        "Send that file separately, and the PDF without it.",
    ),
    "pdf-xfa": Text(
        "Le PDF est un formulaire XFA ({about}) : beaucoup de logiciels l'affichent vide.",
        "The PDF is an XFA form ({about}): much software shows it empty.",
        *_PRINT,
    ),
    "pdf-external-stream": Text(
        "Une partie du PDF se trouve dans un autre fichier ({about}).",
        "A part of the PDF lies in another file ({about}).",
        *_PRINT,
    ),
    "pdf-unsearched": Text(
        "Le PDF est trop compliqué pour y chercher tout ce qui s'exécuterait.",
        "The PDF is too complicated to be searched for all that would run.",
        *_PRINT,
    ),
}

NOTICES: dict[str, Text] = {
    "pdf-to-convert": Text(
        "Le PDF reçu n'est pas PDF/A-1 ; la passerelle le convertit avant l'envoi.",
        "The PDF received is not PDF/A-1; the gateway converts it before it leaves.",
    ),
    "pdf-signed": Text(
        "Le PDF porte une signature électronique, qu'une conversion casserait ; il est transmis tel quel.",
        "The PDF bears an electronic signature, which a conversion would break; it is carried as it is.",
    ),
}
