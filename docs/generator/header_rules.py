"""cda-rules.md: every rule `passerelle cda check` asks, with its place and words."""

from __future__ import annotations

from itertools import groupby

from docs.generator.table import table
from gateway.pack import RULES, Rule

BLOCKS = {
    "FILE": "The file",
    "DOC": "The document",
    "N1": "The encapsulated body",
    "PAT": "The patient",
    "INS": "The national health identity",
    "AUT": "Authors",
    "ENT": "The data enterer",
    "INF": "Informants",
    "CUS": "The custodian",
    "REC": "Recipients",
    "PRT": "Participants",
    "LEG": "The legal authenticator",
    "SIG": "Signatures",
    "ORD": "Orders",
    "ACT": "Acts",
    "ENC": "The encounter",
    "CON": "Consents",
    "COH": "Coherence",
    "IDE": "Identifiers, anywhere",
    "COD": "Codes, anywhere",
    "NAM": "Names, anywhere",
    "TIM": "Times, anywhere",
    "TEL": "Telecoms, anywhere",
    "ADR": "Addresses, anywhere",
}
"""Second word of a rule's id → the block of the header it belongs to."""


def header_rules() -> str:
    """The page."""
    parts = [
        "# Rules of the CDA header\n",
        "What `passerelle cda check` asks (CI-SIS, Structuration minimale de documents de santé). Ids are stable. An "
        "error makes the command exit with 2; a warning does not. Why a rule is one or the other: "
        "[decision 20](../decisions/0020-header-rules.md).\n",
    ]
    for block, rules in groupby(RULES, lambda rule: rule.id.split("-")[1]):
        rows = [
            (f"`{rule.id}`", _severity(rule), _where(rule), rule.text.fr, rule.text.en, _remedy(rule)) for rule in rules
        ]
        parts += [
            f"## {BLOCKS[block]}\n",
            table(("Rule", "Severity", "Asked of", "Français", "English", "Remedy"), rows),
        ]
    return "\n".join(parts)


def _severity(rule: Rule) -> str:
    return f"{rule.severity}, with `--numbers`" if rule.numbers else rule.severity


def _where(rule: Rule) -> str:
    return "<br>".join(f"`{where.replace('.//', '//')}`" if where != "." else "the document" for where in rule.where)


def _remedy(rule: Rule) -> str:
    return f"{rule.text.remedy_fr}<br>{rule.text.remedy_en}"
