"""routes.yaml → Routes, or every fault at once with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.model.errors import Broken
from gateway.model.faults import Place
from gateway.route.grammar import WAYS, Route
from gateway.route.written import Written, read_yaml

ROUTE_LIMIT = 1_000

_SAID = {
    "not-yaml": "this is not readable YAML 1.2",
    "not-utf8": "the file is not UTF-8",
    "too-large": "the file is larger than 1 MB",
    "too-deep": "nested too deeply",
    "yaml-alias": "anchors and aliases are not allowed",
    "yaml-tag": "tags are not allowed",
    "duplicate-key": "this is said twice",
    "wrong-type": "this has not the expected form",
}

_CODES = {
    "missing": ("missing-field", "required"),
    "extra_forbidden": ("unknown-field", "no such field here"),
    "too_short": ("missing-field", "say at least one"),
}


@dataclass(frozen=True, slots=True, order=True)
class RouteFault:
    """One thing wrong in the file; `place` is the path to it (`routes/0/mode`), `code` is stable."""

    line: int
    column: int
    code: str
    place: str
    what: str


class BadRoutes(Broken):
    """The table of routes cannot be used; `faults` names every reason, in the order of the file."""

    code = "bad-routes"

    def __init__(self, file: str, faults: tuple[RouteFault, ...]) -> None:
        self.file, self.faults = file, faults
        lines = "; ".join(f"{file}:{one.line}:{one.column}: {one.place}: {one.what} [{one.code}]" for one in faults)
        super().__init__(lines, advice="Correct the routes")


def read_routes(source: bytes, file: str = "routes.yaml") -> tuple[Route, ...]:
    """The routes of a file, in its order. Raises BadRoutes with every fault."""
    written = read_yaml(source)
    found = [_fault(written, code, place, _SAID[code], spot) for code, place, spot in written.faults]
    routes: list[Route] = []
    if written.data is not None or not found:
        found += [_fault(written, *one) for one in _read(written.data, routes)]
    if found:
        raise BadRoutes(file, tuple(sorted(set(found))))
    return tuple(routes)


def load_routes(path: Path) -> tuple[Route, ...]:
    """The same from a file. Raises BadRoutes; also when the file cannot be read."""
    try:
        return read_routes(path.read_bytes(), str(path))
    except OSError:
        raise BadRoutes(str(path), (RouteFault(1, 1, "no-file", "", "the file cannot be read"),)) from None


def _fault(written: Written, code: str, place: Place, what: str, spot: tuple[int, int] | None = None) -> RouteFault:
    line, column = spot or written.spot(place)
    return RouteFault(line, column, code, "/".join(map(str, place)), what)


Finding = tuple[str, Place, str]


def _read(data: Any, routes: list[Route]) -> Iterator[Finding]:
    if not isinstance(data, dict) or not isinstance(data.get("routes"), list):
        yield "missing-field", ("routes",), "a list of routes is expected under `routes`"
        return
    yield from (("unknown-field", (name,), "only `routes` stands here") for name in data if name != "routes")
    if len(data["routes"]) > ROUTE_LIMIT:
        yield "too-many", ("routes",), f"more than {ROUTE_LIMIT} routes"
        return
    above: set[str] = set()
    for index, tree in enumerate(data["routes"]):
        place: Place = ("routes", index)
        try:
            routes.append(Route.model_validate(tree))
        except ValidationError as bad:
            yield from (_translated(place, error) for error in bad.errors(include_url=False, include_input=False))
        if isinstance(tree, dict):
            yield from _together(tree, place, above)
            if isinstance(tree.get("name"), str):
                above.add(tree["name"].strip())


def _translated(place: Place, error: ErrorDetails) -> Finding:
    kind, at = error["type"], (*place, *error["loc"])
    if kind == "literal_error":
        return "unknown-code", at, f"expected one of: {error['ctx']['expected']}"
    if "-" in kind:  # our own, from the grammar
        return kind, at, error["msg"]
    code, what = _CODES.get(kind, ("wrong-type", _SAID["wrong-type"]))
    return code, at, what


def _together(tree: dict[str, Any], place: Place, above: set[str]) -> Iterator[Finding]:
    """What one field's check cannot see: `tree` may hold anything."""
    name = tree.get("name")
    if isinstance(name, str) and name.strip() in above:
        yield "duplicate-name", (*place, "name"), "another route has this name"
    for part in ("when", "unless"):
        if tree.get(part) == {}:
            yield "missing-field", (*place, part), "an empty condition says nothing: leave it out"
    to = tree.get("to")
    if isinstance(to, dict):
        said = [way for way in WAYS if way in to]
        if len(said) != 1:
            yield "one-way-only", (*place, "to"), f"say exactly one of: {', '.join(WAYS)}"
        if "address" not in to:
            yield from (
                ("unknown-field", (*place, "to", field), "goes with address only")
                for field in ("name", "category")
                if field in to
            )
    if "end_of_exchange" in tree and not (isinstance(to, dict) and "patient" in to):
        yield "unknown-field", (*place, "end_of_exchange"), "goes with to: {patient: true} only"
    named = tree.get("else", [])
    for other in named if isinstance(named, list) else [named]:
        if isinstance(other, str) and other.strip() not in above:
            yield "unknown-route", (*place, "else"), "no route above has this name"
    if named is True and not above:
        yield "unknown-route", (*place, "else"), "no route stands above"
    yield from _dates(tree.get("valid"), (*place, "valid"))


def _dates(valid: Any, place: Place) -> Iterator[Finding]:
    if not isinstance(valid, dict):
        return
    since, until = valid.get("from"), valid.get("to")
    if isinstance(since, str) and isinstance(until, str) and until[:10] < since[:10]:
        yield "dates-reversed", (*place, "to"), "the end is before the beginning"
