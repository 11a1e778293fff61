"""The HTTP door, put together: one Gateway in, one ASGI application out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.api import (
    audit,
    contents,
    events,
    exchanges,
    fhir,
    inbox,
    objections,
    operations,
    published,
    steering,
    sweeps,
)
from gateway.api.callers import ANYONE, MATRIX, admit
from gateway.api.door import Door, Limits
from gateway.api.edge import Edge
from gateway.api.intake import Intake, Places
from gateway.api.keyring import Keyring
from gateway.api.pressure import looking
from gateway.api.problem import MEDIA_TYPE, Problem, Refused, respond
from gateway.api.refusals import Refusals
from gateway.journey.gateway import Gateway
from gateway.model.errors import Rejected, Unreachable
from gateway.model.faults import Fault

DEFAULT_LIMITS = Limits()

_HTTP = {404: "not-found", 405: "method-not-allowed"}
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "DiskFull")  # how the two engines name a disk without room
_ASKED = {"missing": "missing-field", "extra_forbidden": "unknown-field"}


def create_app(gateway: Gateway, *, limits: Limits = DEFAULT_LIMITS) -> FastAPI:
    """The application. It opens nothing and closes nothing: the gateway belongs to whoever built it."""
    intake = Intake(
        body=limits.body,
        in_flight=limits.in_flight or 8 * limits.body,
        receive_within=limits.receive_within,
        retry_after=limits.retry_after,
    )
    refusals = Refusals(gateway, every=limits.refusals_every, watch=time.monotonic)
    keys = Keyring(gateway, life=limits.key_life, watch=time.monotonic)
    places = Places(most=limits.uploads, each=limits.uploads_each, retry_after=limits.retry_after)
    door = Door(gateway, limits, intake, places, refusals, keys)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = limits.threads
        with looking(door):
            yield
        await run_in_threadpool(door.refusals.close)

    app = FastAPI(
        title="Passerelle",
        version=__version__,
        summary="The gateway that lets French coordinated care work across software",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # of its own: it would tell whole addresses
        dependencies=[Depends(admit), Depends(know_parameters)],
        responses={"default": {"description": "A problem: why it was not done, and what to do"}},
    )
    app.state.door = door
    for room in (events, contents, exchanges, steering, sweeps, inbox, objections, audit, fhir, operations, published):
        app.include_router(room.router)
    app.add_middleware(Edge, door=door)
    _say_no(app, limits)
    _describe(app)
    return app


def _say_no(app: FastAPI, limits: Limits) -> None:
    """Every way a request may end badly, as a problem."""
    later = {"Retry-After": str(limits.retry_after)}

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return respond(request, error)

    async def rejected(request: Request, error: Exception) -> Response:
        assert isinstance(error, Rejected)
        return respond(request, Refused(422, "rejected", faults=error.faults))

    async def unreachable(request: Request, error: Exception) -> Response:
        if any(code in str(error) for code in _FULL):
            return respond(request, Refused(507, "storage-full", headers=later))
        return respond(request, Refused(503, "unavailable", headers=later))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _HTTP.get(error.status_code, "not-found" if error.status_code < 500 else "broken")
        return respond(request, Refused(error.status_code, code, headers=error.headers))

    async def asked_wrongly(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(request, _of_parameters(error.errors()))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(Rejected, rejected)
    app.add_exception_handler(Unreachable, unreachable)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, asked_wrongly)


async def know_parameters(request: Request) -> None:
    """Refuse a parameter that the published description does not name: `?dryrun=true` must not send for real."""
    asked = request.scope["route"]
    if not request.query_params or MATRIX.get(asked.operation_id) == ANYONE:  # a probe's own parameters do no harm
        return
    operation = request.app.openapi()["paths"][asked.path_format][request.method.lower()]
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    unknown = sorted(request.query_params.keys() - known)
    if unknown:
        faults = [Fault(fhir.fault_of_unknown(asked.operation_id, name), pointer=f"?{name}") for name in unknown]
        raise Refused(422, "unknown-parameter", faults=faults)


def _of_parameters(errors: Sequence[Any]) -> Refused:
    """A path that cannot exist is not found; other parameters are named, one fault each."""
    if any(error["loc"][0] == "path" for error in errors):
        return Refused(404, "not-found")
    faults = [
        Fault(_ASKED.get(error["type"], "wrong-type"), about=str(error["loc"][-1]), pointer=f"?{error['loc'][-1]}")
        for error in errors
    ]
    return Refused(422, "bad-parameter", about=", ".join(sorted({fault.about for fault in faults})), faults=faults)


def _describe(app: FastAPI) -> None:
    """The OpenAPI document: our problems instead of the framework's, the key, and the roles of each operation."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
            )
            parts = document.setdefault("components", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
            parts.setdefault("schemas", {}).update(problem.pop("$defs"), Problem=problem)
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key"}}
            for operations_ in document["paths"].values():
                for operation in operations_.values():
                    _finish(operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _finish(operation: dict[str, Any]) -> None:
    roles = MATRIX[operation["operationId"]]
    if roles != ANYONE:
        operation["security"] = [{"key": []}]
        operation["x-roles"] = sorted(roles)
    for status, answer in operation["responses"].items():
        if (status == "default" or int(status) >= 400) and "content" not in answer:
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
