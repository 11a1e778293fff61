"""serve, work, up: the running gateway. It ends at SIGTERM or Ctrl-C, after the steps under way."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import options
from gateway.cli.output import CANNOT_RUN, REFUSED, Misused, show
from gateway.cli.signals import Told
from gateway.model.errors import Broken, GatewayError

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.gateway import Gateway
    from gateway.journey.work import Worker


def serve(config: options.Config = None) -> None:
    """Open the HTTP door. Deliveries are made by `passerelle work`."""
    settings = options.require_settings(config)
    _serve(settings, _gateway(settings))


def work(
    config: options.Config = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Parallel deliveries, instead of work.threads of the settings.")
    ] = None,
) -> None:
    """Prepare, send and collect, until told to stop. Any number may run on one PostgreSQL database, on any hosts.

    SIGTERM or Ctrl-C: what is under way is finished first, for as long as `work.stop_within` allows; a second one ends
    it at once, and others find its work when its lease is over.
    """
    settings = options.require_settings(config)
    if threads is not None:
        settings = settings.model_copy(update={"work": settings.work.model_copy(update={"threads": threads})})
    worker = _worker(settings, _gateway(settings))
    over = Told()
    worker.start()
    print(json.dumps({"working": worker.name}), flush=True)
    over.wait()
    _stop(worker)


def up(config: options.Config = None) -> None:
    """Everything in one process: the HTTP door and a worker. An empty database is prepared first."""
    from gateway.wiring import prepare_if_empty

    settings = options.require_settings(config)
    prepare_if_empty(settings)
    gateway = _gateway(settings)
    worker = _worker(settings, gateway)
    worker.start()
    try:
        _serve(settings, gateway)
    finally:
        _stop(worker)


def sandbox(
    root: Annotated[Path, typer.Argument(help="Where it lives; made if missing.")] = Path("var/sandbox"),
    as_json: options.Json = False,
) -> None:
    """MSSanté in a box: two operators, mailboxes that answer, a white list and a directory, until told to stop.

    A passerelle.yaml that fits it is written beside its sandbox.json.
    """
    from gateway.cli.box import write_settings
    from gateway.wiring import data

    _require_sandbox()
    from gateway.sandbox import Sandbox

    over = Told()
    with Sandbox(root) as world:
        facts = json.loads((world.root / "sandbox.json").read_text("utf-8"))
        settings = write_settings(root, facts, (data("examples") / "routes.yaml").read_bytes(), port=8410)
        lines = [f"{name}: SMTP {one['smtp']}, IMAP {one['imap']}" for name, one in facts["operators"].items()]
        show(facts, as_json, [*lines, f"Mails : {facts['mail']}", f"passerelle up --config {settings}"])
        sys.stdout.flush()
        over.wait()


def demo(
    scenario: Annotated[str, typer.Option(help="Which story to tell.")] = "spine",
    folder: Annotated[Path | None, typer.Option(help="Keep everything there, for a look afterwards.")] = None,
    as_json: options.Json = False,
) -> None:
    """Events leave a practice software, arrive as secure mails, are answered, and stand in a log that verifies.

    Everything runs on this machine. Exit code 0 when every parcel came to the end the story foresees.
    """
    from gateway.cli.demo import STORIES, play

    _require_sandbox()
    if scenario not in STORIES:
        raise Misused("No such scenario", advice=f"One of: {', '.join(STORIES)}")
    shown = play(scenario, (lambda _: None) if as_json else (lambda line: print(line, flush=True)), folder)
    show(shown.answer(), as_json, shown.lines())
    if not shown.as_foreseen():
        raise SystemExit(CANNOT_RUN)


def _require_sandbox() -> None:
    """Leave with what to install when the sandbox's servers are not there."""
    from importlib.util import find_spec

    if not all(map(find_spec, ("aiosmtpd", "pymap", "trustme"))):
        raise Broken("The sandbox is not installed", advice="pip install 'passerelle[sandbox]'")


def _stop(worker: Worker) -> None:
    """Stop it; a step that does not end keeps the process no longer than the worker waited for it."""
    if not worker.stop():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _gateway(settings: Settings) -> Gateway:
    from gateway.cli.logs import open_log
    from gateway.wiring import open_gateway

    log = open_log()
    return open_gateway(settings, notice=lambda sentence, **facts: log.info(sentence, **facts))


def _worker(settings: Settings, gateway: Gateway) -> Worker:
    from gateway.journey.work import Worker
    from gateway.wiring import shift_of

    return Worker(gateway, shift_of(settings))


def _serve(settings: Settings, gateway: Gateway) -> None:
    from gateway.api import Limits, listen
    from gateway.web import create_site

    server = settings.server
    try:
        port = socket.create_server((server.host, server.port), family=_family(server.host), backlog=512)
    except OSError:
        raise Broken(f"{server.host}:{server.port} is taken", advice="Choose another port") from None
    site = create_site(
        gateway,
        limits=Limits(body=server.body_limit, content=server.content_limit),
        secure=server.tls_certificate is not None or server.behind_proxy,
    )
    door = listen(
        site,
        host=server.host,
        port=server.port,
        certificate=server.tls_certificate,
        key=server.tls_key,
        behind_proxy=server.behind_proxy,
    )

    def leave() -> None:
        door.should_exit = True

    Told(leave)  # before it runs, and after: it hands the signal that ended it on
    scheme = "https" if server.tls_certificate else "http"
    print(json.dumps({"listening": f"{scheme}://{server.host}:{port.getsockname()[1]}"}), flush=True)
    door.run(sockets=[port])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


COMMANDS = (serve, work, up, sandbox, demo)


def exit_code(words: Sequence[str], error: GatewayError) -> int:
    """What the command of these words leaves with at that error: what should run and cannot has a code of its own."""
    runs = words[0] in {command.__name__ for command in COMMANDS}
    return CANNOT_RUN if runs and not isinstance(error, Misused) else REFUSED
