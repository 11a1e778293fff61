"""The stage of the demonstration: a gateway in a process of its own, keys to it, and a letter from somebody else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from gateway.cli import box
from gateway.model.errors import Broken

if TYPE_CHECKING:
    from gateway.record import Verdict
    from gateway.sandbox import Sandbox

T = TypeVar("T")

PATIENCE_S = 120.0


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


def until(look: Callable[[], T | None], what: str) -> T:
    """What is looked for, once it is there. Raises Broken after PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while (found := look()) is None:
        if time.monotonic() > end:
            raise Broken(what, advice="See the log of the gateway")
        time.sleep(0.5)
    return found


def key_for(settings: Path, client: str) -> str:
    """A new key for that software of the tenant."""
    from gateway.config import load
    from gateway.journey.keys import create_key
    from gateway.wiring import open_gateway

    gateway = open_gateway(load(settings))
    secret = create_key(gateway, box.TENANT, client, "vendor", actor="cli:demo").secret
    gateway.store.close()
    return secret


def write_to_us(world: Sandbox, example: bytes) -> None:
    """The nurse of the story sends a document of her own."""
    from gateway.model.event import read_event
    from gateway.sandbox.letter import write_letter
    from gateway.wiring import open_words, wall_clock

    us, sender = world.people[0], next(person for person in world.people if person.family == "BERNARD")
    tree = json.loads(example)
    who = {"rpps": sender.rpps, "family": sender.family, "given": sender.given, "profession": sender.profession}
    organization = {"ids": [{"scheme": "RPPS-RANG", "value": f"{sender.rpps}001"}], "name": "Cabinet infirmier Bernard"}
    tree |= {"id": "BERNARD-17", "sender": {**who, "organization": organization}}
    tree["report"] |= {"id": "BERNARD-R-17", "authors": [who], "signed_by": None, "custodian": None}
    tree["report"] = {name: value for name, value in tree["report"].items() if value is not None}
    event = read_event({name: value for name, value in tree.items() if name not in ("team", "recipients")})
    letter = write_letter(event, sender, us.address, open_words().terms, uuid4(), wall_clock())
    world.post(sender.address.text, us.address.text, letter)


def verified(settings: Path) -> Verdict:
    """The log recomputed, and signed first."""
    from gateway.config import load
    from gateway.wiring import open_gateway

    gateway = open_gateway(load(settings))
    verdict = gateway.store.verify([gateway.store.checkpoint(gateway.notary)], gateway.notary.verifier)
    gateway.store.close()
    return verdict
