"""Codes and identifiers keep their list, whichever it is."""

from __future__ import annotations

import pytest

from gateway.model import form
from gateway.model.codes import Coded
from gateway.model.identity import Identifier, Scheme
from gateway.translate.fhir import codes, places
from gateway.translate.fhir.node import Node, Sources
from gateway.translate.fhir.remainder import long
from tests.translate.fhir.events import TERMS


@pytest.mark.parametrize(
    ("coded", "system"),
    [
        (Coded(code="60"), "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"),
        (
            Coded(code="330", list="R85"),
            "https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge",
        ),
        (Coded(code="E11", list="CIM 10"), "https://passerelle.example.org/fhir/CodeSystem/list/CIM%2010"),
        (Coded(code="E11", list="http://hl7.org/fhir/sid/icd-10"), "http://hl7.org/fhir/sid/icd-10"),
        (Coded(code="no such code", display="Said so"), None),
    ],
)
def test_a_code_comes_back_with_its_list(coded: Coded, system: str | None) -> None:
    written = codes.coding(TERMS, coded, "G15")
    assert written.get("system") == system
    assert codes.read_coding(TERMS, Node(written, Sources()), "G15") == long(Coded, form.write(coded))


@pytest.mark.parametrize(
    "one",
    [
        Identifier(Scheme.FINESS, "750000127"),
        Identifier(Scheme.SIREN, "356000000"),
        Identifier(Scheme.SIRET, "35600000000048"),
        Identifier(Scheme.RPPS_RANG, "10100054328001"),
        Identifier(Scheme.ADELI_RANG, "751234567"),
        Identifier(Scheme.ADELI, "759312345"),
        Identifier(Scheme.LOCAL, "P-42", "1.2.3.4.5"),
        Identifier(Scheme.LOCAL, "P-42", "https://logiciel.example/ids"),
        Identifier(Scheme.LOCAL, "P-42", "the old register"),
    ],
    ids=lambda one: f"{one.scheme} {one.system or ''}",
)
def test_an_identifier_comes_back_with_its_scheme(one: Identifier) -> None:
    written = places.identifier(one)
    assert " " not in written["system"]
    assert places.read_identifier(Node(written, Sources())) == form.write(one)
