"""The demonstration: MSSanté in a box, a gateway in a process of its own, practice software, and a story.

Every channel is seen: secure mail, a FHIR server, a partner's software, a folder; what the practice software is told at
its own address, and what another one finds in its inbox.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli import box
from gateway.cli.stage import key_for, running, until, verified, write_to_us

if TYPE_CHECKING:
    from gateway.record import Verdict
    from gateway.sandbox.practice import Practice

STORIES = {
    "spine": ("team.created", "report.shared", "team.member-joined", "plan.created"),
}
"""Scenario → its events, in the order they are sent."""

CHANNELS = b"""
  - name: A structure's own record system takes each change of a team as FHIR
    when: {event: "team.*"}
    to: {role: "330"}
    via: fhir_server
    mode: exchange

  - name: The professionals' shared platform takes who joins, in its own words
    when: {event: team.member-joined}
    to: {role: PROV}
    via: callback
    mode: exchange

  - name: A new team is left in a folder for its structure
    when: {event: team.created}
    to: {role: "330"}
    via: folder
    mode: exchange
"""
"""What the demonstration adds to the routes of the examples: these channels need the sandbox's own endpoints."""

LETTER = "report.shared"
"""The example that comes to us from somebody else's software."""

SETTLED = frozenset({"read", "failed", "refused", "denied", "arrived", "cancelled", "held"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a demonstration showed: `told` to the practice software, `received` by the one that asks."""

    exchanges: tuple[dict[str, Any], ...]
    told: tuple[dict[str, Any], ...]
    received: dict[str, Any]
    verdict: Verdict
    folder: Path

    def answer(self) -> dict[str, Any]:
        """The contract's JSON: each leg with its end, and the log."""
        legs = [
            {
                "event": exchange["type"],
                "recipient": leg["address"] or leg["recipient"]["id"],
                "transport": leg["transport"],
                "state": leg["state"],
                "code": leg["code"],
            }
            for exchange in self.exchanges
            for leg in exchange["legs"]
        ]
        return {"legs": legs, "audit": {"entries": self.verdict.entries, "whole": self.verdict.whole}}

    def as_foreseen(self) -> bool:
        """True when one mail bounced, one was refused (902), every other was read, every other channel's parcels have
        arrived, each exchange's end was told, and the log is whole.
        """
        legs = self.answer()["legs"]
        by_mail = [leg for leg in legs if leg["transport"] == "mssante"]
        unlike = sorted((leg["state"], leg["code"]) for leg in by_mail if leg["state"] != "read")
        mails = [state for state, _ in unlike] == ["failed", "refused"] and unlike[1][1] == "902"
        others = {(leg["transport"], leg["state"]) for leg in legs if leg["transport"] != "mssante"}
        arrived = others == {(channel, "arrived") for channel in ("callback", "fhir_server", "folder")}
        ends = {told["data"]["exchange"] for told in self.told if told["type"] == "exchange.settled"}
        each_end = ends == {exchange["id"] for exchange in self.exchanges}
        return mails and len(by_mail) > len(unlike) and arrived and each_end and self.verdict.whole

    def lines(self) -> list[str]:
        """The same for people, and where to look next."""
        lines = []
        for exchange in self.exchanges:
            lines.append(f"{exchange['type']} ({exchange['event_id']})")
            for leg in exchange["legs"]:
                why = f" : {leg['reason']['fr']}" if leg["reason"] else ""
                channel = "" if leg["transport"] == "mssante" else f" ({leg['transport']})"
                lines.append(f"    {leg['recipient']['name']} <{leg['address'] or '—'}>{channel} → {leg['state']}{why}")
        state = "entier" if self.verdict.whole else "ROMPU"
        command = sys.argv[0] if sys.argv[0].endswith("passerelle") else "passerelle"  # as it was typed
        config = f"--config {self.folder / 'passerelle.yaml'}"
        key = f"--tenant {box.TENANT} --client pages --role admin"
        return [
            *lines,
            f"Logiciel prévenu à son adresse : {len(self.told)} notifications signées, toutes vérifiées.",
            f"Reçu dans l'autre logiciel : {self.received['data']['type']}, de {self.received['sentby']}, acquitté.",
            f"Journal d'audit : {self.verdict.entries} entrées, {state}.",
            "",
            "Et maintenant :",
            f"    les mails reçus, à ouvrir dans un logiciel de messagerie : {self.folder / 'mssante' / 'mail'}",
            f"    ce que le serveur FHIR a reçu : {self.folder / 'mssante' / 'fhir'}",
            f"    {command} exchange list {config}",
            f"    {command} audit verify {config}",
            f"    {command} up {config} : la passerelle de nouveau, ses pages à l'adresse affichée",
            f"    {command} key create {key} {config} : une clé pour y entrer",
            "    docs/getting-started.md : votre premier événement",
        ]


def play(scenario: str, say: Callable[[str], None], folder: Path | None = None) -> Shown:
    """Run a scenario to its end. What it leaves (mails, database, log) stays in `folder` for a look.

    Raises Broken when the gateway does not start, or when a leg has not come to its end in two minutes.
    """
    from gateway.sandbox import Sandbox
    from gateway.sandbox.practice import Practice
    from gateway.wiring import data

    folder = folder or Path(tempfile.mkdtemp(prefix="passerelle-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    examples = data("examples")
    with Sandbox(folder / "mssante") as world:
        say("Deux opérateurs MSSanté, un serveur FHIR et deux logiciels tournent sur cette machine.")
        facts = json.loads((world.root / "sandbox.json").read_text("utf-8"))
        routes = (examples / "routes.yaml").read_bytes() + CHANNELS
        settings = box.write_settings(folder, facts, routes, called=True)
        with (
            running(settings) as url,
            Practice(url, key_for(settings, box.CLIENT)) as practice,
            Practice(url, key_for(settings, box.POLLING)) as other,
        ):
            say(f"La passerelle écoute sur {url} ; ses pages sont à {url}/")
            told = []
            for kind in STORIES[scenario]:
                told.append(practice.tell((examples / f"{kind}.json").read_bytes()))
                say(f"→ {kind} accepté : {told[-1]}")
            write_to_us(world, (examples / f"{LETTER}.json").read_bytes())
            say("← une infirmière nous envoie un document depuis son propre logiciel.")
            exchanges = until(lambda: _ended(practice, told), "Some parcels have not come to their end")
            received = until(lambda: _taken(other), "The document sent to us has not come")
            heard = Path(facts["sites"]["practice"]["folder"])
            notified = until(lambda: _heard(heard, told), "The practice software was not told of every end")
    return Shown(tuple(exchanges), tuple(notified), received, verified(settings), folder)


def _ended(practice: Practice, told: list[str]) -> list[dict[str, Any]] | None:
    exchanges = [practice.ask(id) for id in told]
    legs = [leg for exchange in exchanges for leg in exchange["legs"]]
    prepared = all(exchange["state"] != "accepted" for exchange in exchanges)
    return exchanges if prepared and all(leg["state"] in SETTLED for leg in legs) else None


def _taken(practice: Practice) -> dict[str, Any] | None:
    """The first item of the inbox, acknowledged."""
    item = next(iter(practice.inbox()), None)
    if item is not None:
        practice.acknowledge(item["id"])
    return item


def _heard(folder: Path, told: list[str]) -> list[dict[str, Any]] | None:
    """Every notification, once the end of each exchange and the letter are among them.

    Who listens there has checked the signatures.
    """
    from gateway.sandbox.listener import received

    events = [heard.event for heard in received(folder)]
    ends = {event["data"]["exchange"] for event in events if event["type"] == "exchange.settled"}
    came = any(event["type"] == "inbox.received" for event in events)
    return events if came and ends.issuperset(told) else None
