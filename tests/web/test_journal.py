"""The auditor searches, reads sentences, takes proofs away, and sees whether the log is whole."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from gateway.model.audit import KINDS as ALL_KINDS
from gateway.record import read_checkpoint, verify_proof
from gateway.web.sentences import KINDS, actor, sentence
from tests.api.conftest import OURS, House
from tests.web.conftest import Browser, Enter
from tests.web.test_recipients import text


@pytest.fixture
def auditor(enter: Enter, told: dict[str, str]) -> Browser:
    """The auditor of our tenant, where something has happened."""
    return enter("auditor")


def test_every_kind_of_entry_has_a_name_and_a_sentence() -> None:
    assert set(KINDS) == ALL_KINDS
    for kind in ALL_KINDS:
        assert sentence({"kind": kind, "facts": {}, "leg": 1}).endswith(".")
    assert sentence({"kind": "new-thing", "facts": None}) == "new-thing."


@pytest.mark.parametrize(
    ("word", "said"),
    [("key:ab12", "clé ab12"), ("worker:host-1", "la passerelle"), ("anonymous", "un inconnu"), ("odd", "odd")],
)
def test_who_did_it_is_said_in_words(word: str, said: str) -> None:
    assert actor(word) == said


def test_an_exchange_is_told_sentence_by_sentence_with_the_record_beside(
    house: House, auditor: Browser, told: dict[str, str]
) -> None:
    page = auditor.post("/journal", {"echange": told["bounced"]}).text
    story = text(page)
    steps = [
        "Document envoyé : événement accepté de logimed.", "Pli 1 préparé pour RPPS:10100000025 par MSSanté",
        "Essai 1 du pli 1 commencé.", "Pli 1 passé de « Envoi en cours » à « Remis à l'opérateur ».",
        "à « En échec ». Motif : L'opérateur n'a pas pu déposer le message dans la boîte.",
        "Échange passé de « Accepté, en préparation » à « Plis préparés ».",
    ]  # fmt: skip
    places = [story.index(step) for step in steps]
    assert places == sorted(places)
    raw = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    first = json.loads(raw[0].replace("&#34;", '"').replace("&#39;", "'"))
    assert set(first) == {"seq", "leaf", "record"}
    (searched,) = house.log("audit-searched")
    assert searched["facts"]["by"] == "exchange"


def test_an_exchange_page_leads_to_what_the_log_says_of_it(auditor: Browser, told: dict[str, str]) -> None:
    page = auditor.get(f"/echanges/{told['held']}").text
    assert f'name="echange" value="{told["held"]}"' in page
    assert 'action="/journal"' in page


def test_a_search_goes_on_page_by_page_and_ends(house: House, auditor: Browser) -> None:
    seen: list[str] = []
    fields = {"depuis": "2026-01-01"}
    while True:
        page = auditor.post("/journal", fields).text
        seen += re.findall(r'class="numero">n° (\d+)<', page)
        more = re.search(r'name="suite" value="([\d.]+)"', page)
        if more is None:
            break
        fields = {"depuis": "2026-01-01", "suite": more[1]}
    assert seen == sorted(set(seen), key=int)
    assert len(seen) > 50


def test_a_kind_and_a_day_narrow_the_search(auditor: Browser) -> None:
    page = text(auditor.post("/journal", {"nature": "signed-in"}).text)
    assert "Connexion aux pages, rôle auditeur." in page
    assert "1 entrée sur cette page" in page
    assert "0 entrée sur cette page" in text(auditor.post("/journal", {"jusquau": "2026-01-01"}).text)


def test_a_patient_is_searched_by_identity_and_it_is_written_nowhere(house: House, auditor: Browser) -> None:
    number = "279035121518989"
    answer = auditor.post("/journal", {"matricule": number, "matricule-nature": "NIR-TEST"})
    assert answer.status_code == 200
    assert "0 entrée sur cette page" in text(answer.text)
    assert answer.url.query == b""
    assert number not in repr(house.said)
    (entry,) = house.log("audit-searched")
    assert number not in json.dumps(entry)
    assert entry["facts"]["by"] == "patient"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"nature": "nothing"}, "nature"), ({"echange": "x"}, "echange"), ({"depuis": "hier"}, "depuis"),
        ({"personne": "zz"}, "personne"), ({"matricule": "123"}, "matricule"), ({"suite": "x"}, "suite"),
        ({"personne": "ab", "matricule": "279035121518989", "matricule-nature": "NIR-TEST"}, "personne"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_beside_it(fields: dict[str, str], field: str, house: House, auditor: Browser) -> None:
    answer = auditor.post("/journal", fields)
    assert answer.status_code == 422
    if field != "suite":
        assert f'id="faute-{field}"' in answer.text
    assert house.log("audit-searched") == []


def test_a_proof_and_a_checkpoint_taken_away_verify_without_the_gateway(house: House, auditor: Browser) -> None:
    assert "Preuve : après le prochain point de contrôle" in text(
        auditor.post("/journal", {"nature": "signed-in"}).text
    )
    house.gateway.store.checkpoint(house.gateway.notary)
    page = auditor.post("/journal", {"nature": "event-accepted"}).text
    path = re.search(r'href="(/journal/preuve/(\d+))"', page)
    assert path is not None
    proof = auditor.get(path[1])
    assert proof.headers["content-disposition"] == f'attachment; filename="preuve-{path[2]}.txt"'
    assert verify_proof(proof.text, house.gateway.notary.verifier).seq == int(path[2])
    note = auditor.get("/journal/point-de-controle")
    assert read_checkpoint(note.text, house.gateway.notary.verifier).size > int(path[2])
    assert auditor.get("/journal/preuve/999999").status_code == 404


def test_verifying_says_whole_and_when_to_everyone_who_looks(house: House, auditor: Browser, enter: Enter) -> None:
    assert "Pas encore vérifié ici" in text(auditor.get("/journal").text)
    house.gateway.store.checkpoint(house.gateway.notary)
    page = text(auditor.post("/journal/verification", page="/journal").text)
    assert "✓ Entier" in page
    assert "20/11/2026 10:30" in page
    assert "Comparé au dernier point de contrôle" in page
    assert "Entier" in text(enter("dpo").get("/journal").text)
    (entry,) = house.log("log-verified")
    assert entry["facts"]["whole"] is True


def test_a_log_somebody_changed_is_said_to_be_broken(house: House, auditor: Browser, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "passerelle.db") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE entries SET record = replace(record, 'logimed', 'autrelog')")
    database.close()
    page = text(auditor.post("/journal/verification", page="/journal").text)
    assert "ROMPU" in page
    assert "passerelle audit verify" in page


def test_the_log_is_only_its_tenants(house: House, enter: Enter, told: dict[str, str]) -> None:
    from tests.api.conftest import THEIRS

    neighbour = enter("auditor", THEIRS)
    assert "0 entrée sur cette page" in text(neighbour.post("/journal", {"echange": told["held"]}).text)
    house.gateway.store.checkpoint(house.gateway.notary)
    assert neighbour.get("/journal/preuve/3").status_code == 404
    assert house.log("audit-searched", tenant=OURS) == []
