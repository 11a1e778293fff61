"""serve, work, up: the running gateway. It ends at SIGTERM or Ctrl-C, after the steps under way."""

from __future__ import annotations

import json
import signal
import socket
from threading import Event
from typing import TYPE_CHECKING

from gateway.cli import options
from gateway.cli.output import refuse
from gateway.model.errors import Broken, GatewayError

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.gateway import Gateway
    from gateway.journey.work import Worker


def serve(config: options.Config = None) -> None:
    """Open the HTTP door. Deliveries are made by `passerelle work`."""
    settings = options.require_settings(config)
    _serve(settings, _gateway(settings))


def work(config: options.Config = None) -> None:
    """Prepare, send and collect, until told to stop. Any number may run on one PostgreSQL database."""
    settings = options.require_settings(config)
    worker = _worker(settings, _gateway(settings))
    over = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    worker.start()
    print(json.dumps({"working": worker.name}), flush=True)
    over.wait()
    worker.stop()


def up(config: options.Config = None) -> None:
    """Everything in one process: the HTTP door and a worker. An empty database is prepared first."""
    from gateway.wiring import prepare_if_empty

    settings = options.require_settings(config)
    try:
        prepare_if_empty(settings)
    except GatewayError as error:
        refuse(error, as_json=False)
    gateway = _gateway(settings)
    worker = _worker(settings, gateway)
    worker.start()
    try:
        _serve(settings, gateway)
    finally:
        worker.stop()


def _gateway(settings: Settings) -> Gateway:
    from gateway.cli.logs import open_log
    from gateway.wiring import open_gateway

    log = open_log()
    try:
        return open_gateway(settings, notice=lambda sentence, **facts: log.warning(sentence, **facts))
    except GatewayError as error:
        refuse(error, as_json=False)


def _worker(settings: Settings, gateway: Gateway) -> Worker:
    from gateway.journey.work import Worker
    from gateway.wiring import log_keeper, shift_of

    keeper = log_keeper(settings, gateway)
    return Worker(gateway, shift_of(settings), keep_house=keeper.sign_if_due)


def _serve(settings: Settings, gateway: Gateway) -> None:
    import uvicorn

    from gateway.wiring import open_door

    server = settings.server
    try:
        listening = socket.create_server((server.host, server.port), family=_family(server.host), backlog=512)
    except OSError:
        refuse(Broken(f"{server.host}:{server.port} is taken", advice="Choose another port"), as_json=False)
    scheme = "https" if server.tls_certificate else "http"
    print(json.dumps({"listening": f"{scheme}://{server.host}:{listening.getsockname()[1]}"}), flush=True)
    config = uvicorn.Config(
        open_door(settings, gateway),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=server.behind_proxy,
        ssl_certfile=server.tls_certificate,
        ssl_keyfile=server.tls_key,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
