"""The demonstration: MSSanté in a box, a gateway in a process of its own, a practice software, and a story."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli import box
from gateway.model.errors import Broken

if TYPE_CHECKING:
    from gateway.record import Verdict

STORIES = {
    "spine": ("team.created", "report.shared", "team.member-joined", "plan.created"),
}
"""Scenario → its events, in the order they are sent."""

SETTLED = frozenset({"read", "failed", "refused", "denied", "arrived", "cancelled", "held"})
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a demonstration showed."""

    exchanges: tuple[dict[str, Any], ...]
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
        """True when one parcel bounced, one was refused (902), every other was read, and the log is whole."""
        ends = sorted(
            (leg["state"], leg["code"] if leg["state"] == "refused" else None) for leg in self.answer()["legs"]
        )
        unlike = [end for end in ends if end != ("read", None)]
        return unlike == [("failed", None), ("refused", "902")] and len(ends) > len(unlike) and self.verdict.whole

    def lines(self) -> list[str]:
        """The same for people, and where to look next."""
        lines = []
        for exchange in self.exchanges:
            lines.append(f"{exchange['type']} ({exchange['event_id']})")
            for leg in exchange["legs"]:
                why = f" : {leg['reason']['fr']}" if leg["reason"] else ""
                lines.append(f"    {leg['recipient']['name']} <{leg['address'] or '—'}> → {leg['state']}{why}")
        state = "entier" if self.verdict.whole else "ROMPU"
        command = sys.argv[0] if sys.argv[0].endswith("passerelle") else "passerelle"  # as it was typed
        return [
            *lines,
            f"Journal d'audit : {self.verdict.entries} entrées, {state}.",
            "",
            "Et maintenant :",
            f"    les mails reçus, à ouvrir dans un logiciel de messagerie : {self.folder / 'mssante' / 'mail'}",
            f"    {command} exchange list --config {self.folder / 'passerelle.yaml'}",
            f"    {command} audit verify --config {self.folder / 'passerelle.yaml'}",
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
        say("Deux opérateurs MSSanté, leurs boîtes et leur annuaire tournent sur cette machine.")
        facts = json.loads((world.root / "sandbox.json").read_text("utf-8"))
        settings = box.write_settings(folder, facts, (examples / "routes.yaml").read_bytes())
        with running(settings) as url, Practice(url, _key(settings)) as practice:
            say(f"La passerelle écoute sur {url}.")
            told = []
            for kind in STORIES[scenario]:
                told.append(practice.tell((examples / f"{kind}.json").read_bytes()))
                say(f"→ {kind} accepté : {told[-1]}")
            exchanges = _await_end(practice, told)
    return Shown(tuple(exchanges), _verify(settings), folder)


@contextmanager
def running(settings: Path) -> Iterator[str]:
    """A gateway in a process of its own, with everything in it; gives its address. Raises Broken."""
    command = [sys.executable, "-m", "gateway.cli", "up", "--config", str(settings)]
    with (settings.parent / "gateway.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        if not first:
            raise Broken("The gateway did not start", advice=f"See {settings.parent / 'gateway.log'}")
        yield json.loads(first)["listening"]
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_end(practice: Any, told: list[str]) -> list[dict[str, Any]]:
    end = time.monotonic() + PATIENCE_S
    while True:
        exchanges = [practice.ask(id) for id in told]
        legs = [leg for exchange in exchanges for leg in exchange["legs"]]
        if all(exchange["state"] != "accepted" for exchange in exchanges) and all(
            leg["state"] in SETTLED for leg in legs
        ):
            return exchanges
        if time.monotonic() > end:
            raise Broken("Some parcels have not come to their end", advice="See the log of the gateway")
        time.sleep(0.5)


def _key(settings: Path) -> str:
    from gateway.config import load
    from gateway.journey.keys import create_key
    from gateway.wiring import open_gateway

    gateway = open_gateway(load(settings))
    secret = create_key(gateway, box.TENANT, box.CLIENT, "vendor", actor="cli:demo").secret
    gateway.store.close()
    return secret


def _verify(settings: Path) -> Verdict:
    from gateway.config import load
    from gateway.wiring import open_gateway

    gateway = open_gateway(load(settings))
    verdict = gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier)
    gateway.store.close()
    return verdict
