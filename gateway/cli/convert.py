"""translate, pack, explain: what an event becomes, from files to files, with no database and nothing sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import options
from gateway.cli.output import pass_on, refuse, show, warn
from gateway.journey.refusal import told_notice
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.journey.recall import Replayed
    from gateway.model.codes import Terms
    from gateway.model.event import Event
    from gateway.model.faults import Notice
    from gateway.model.known import Known
    from gateway.translate import Dialect
    from gateway.wiring import Words

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The event, or the Bundle with --back.")]


def translate(
    file: File,
    back: Annotated[bool, typer.Option("--back", help="From a Bundle back to an event.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Say where each field comes from, and by which rule.")] = False,
    dialect: options.Dialect = "canonical",
    after: options.After = None,
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Show the FHIR Bundle an event becomes, or with --back the event a Bundle tells, as the dialect writes it.

    With --trace: a table of the event's fields, the rule of the mapping that filled each (file and line) and the place
    in the file its value came from; with --json, beside the Bundle. Exit code 0, or 2 when it is rejected: every fault
    then stands on stderr.
    """
    from gateway import translate as room
    from gateway.cli.trace import show_trace

    try:
        words = options.words(config, mappings, dialect)
        spoken = words.dialects.get(dialect)
        memory = replay(after, spoken, words, as_json)
        if back:
            body = room.write_vendor(read_bundle(file, memory, words), spoken)
            if trace:
                show_trace(room.trace(body, spoken), body.decode(spoken.encoding), as_json, "event")
            else:
                pass_on(body)
        else:
            event, _ = read_event(file, spoken, words.terms, options.settings_at(config))
            known, _ = counted(memory, event, file, spoken)
            bundle = room.to_bundle(event, known, words.terms)
            if trace:
                show_trace(room.trace(file.read_bytes(), spoken), bundle, as_json, "bundle")
            else:
                show(bundle, as_json)
    except GatewayError as error:
        refuse(error, as_json, str(file))


def pack(
    file: File,
    out: Annotated[Path, typer.Option("--out", help="Folder to write into; made if missing.")],
    dialect: options.Dialect = "canonical",
    after: options.After = None,
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Make the documents of an event: bundle.json document.xml document.pdf IHE_XDM.zip message.eml.

    The mail is the one the first leg would carry; nothing is sent. What a sender would be told of an event that is
    accepted stands on stderr, with --json as `warnings`. Exit code 0, or 2 when it is rejected.
    """
    from gateway.cli.offline import pack_files

    try:
        words, settings = options.words(config, mappings, dialect), options.settings_at(config)
        spoken = words.dialects.get(dialect)
        memory = replay(after, spoken, words, as_json)
        event, told = read_event(file, spoken, words.terms, settings)
        known, notices = counted(memory, event, file, spoken)
        if not as_json:
            warn((*told, *notices), str(file))
        files = pack_files(event, known, words, settings)
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / name).write_bytes(data)
    except GatewayError as error:
        refuse(error, as_json, str(file))
    answer = {name: len(data) for name, data in files.items()}
    warnings = [told_notice(notice) for notice in (*told, *notices)]
    show({**answer, "warnings": warnings}, as_json, (f"{out / name}" for name in files))


def explain(
    file: File,
    dialect: options.Dialect = "canonical",
    after: options.After = None,
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Say who would receive an event, by which route, what the gate decides, and why other routes did not match.

    Without settings the example routes are used, and no directory: addresses are then unknown. Sends nothing.
    Exit code 0, or 2 when the event is rejected.
    """
    from gateway.cli.offline import explain_event

    try:
        words, settings = options.words(config, mappings, dialect), options.settings_at(config)
        spoken = words.dialects.get(dialect)
        memory = replay(after, spoken, words, as_json)
        event, told = read_event(file, spoken, words.terms, settings)
        known, notices = counted(memory, event, file, spoken)
        answer = explain_event(event, known, settings)
    except GatewayError as error:
        refuse(error, as_json, str(file))
    if not as_json:
        warn((*told, *notices), str(file))
    answer["warnings"] = [told_notice(notice) for notice in (*told, *notices)]
    show(answer, as_json, _explained_lines(answer))


def read_event(
    file: Path, dialect: Dialect, terms: Terms, settings: Settings | None
) -> tuple[Event, tuple[Notice, ...]]:
    """The event a file tells, its document looked at as at the door, and what is told of that document.

    Raises Rejected, each fault with its place.
    """
    from gateway import pack as documents
    from gateway import translate as room
    from gateway import wiring
    from gateway.model.errors import Rejected

    body = file.read_bytes()
    event = room.read_vendor(body, dialect)
    rules = wiring.pdf_rules_of(settings) if settings else documents.PdfRules()
    try:
        notices = documents.check_document(event, terms=terms, rules=rules)
    except Rejected as bad:
        raise Rejected(room.point(bad.faults, body, dialect)) from None
    event, masked = documents.under_own_masks(event)
    return event, (*notices, *masked)


def counted(memory: Replayed, event: Event, file: Path, dialect: Dialect) -> tuple[Known, tuple[Notice, ...]]:
    """What is known once the event of a file is counted. Raises Rejected, each fault with its place in the file."""
    from gateway import translate as room
    from gateway.model.errors import Rejected

    try:
        _, known, notices = memory.count(event)
    except Rejected as refused:
        raise Rejected(room.point(refused.faults, file.read_bytes(), dialect)) from None
    return known, notices


def replay(after: list[Path] | None, dialect: Dialect, words: Words, as_json: bool) -> Replayed:
    """The memory earlier events leave, in the order given; a file may hold several, and may be canonical.

    A rejected one ends the command, named by its own file.
    """
    from gateway.journey.recall import Replayed

    memory = Replayed([])
    for file in after or []:
        try:
            for event in _earlier(file.read_bytes(), dialect, words.dialects.get("canonical")):
                memory.count(event)
        except GatewayError as error:
            refuse(error, as_json, str(file))
    return memory


def _earlier(body: bytes, dialect: Dialect, canonical: Dialect) -> list[Event]:
    """The events of a body in the dialect, else in our own words. Raises Rejected as the dialect does."""
    from gateway import translate as room
    from gateway.model.errors import Rejected

    try:
        return [room.read_vendor(part.body, dialect) for part in room.split(body, dialect)]
    except Rejected:
        with suppress(Rejected):
            return [room.read_vendor(body, canonical)]
        raise


def read_bundle(file: Path, memory: Replayed, words: Words) -> Event:
    """The event a Bundle tells, given what was known before it. Raises Rejected."""
    from gateway import translate as room
    from gateway.model.errors import Rejected
    from gateway.model.faults import Fault

    try:
        bundle = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise Rejected([Fault("not-json")]) from None
    return room.from_bundle(bundle, memory.about(_identified(bundle)), words.terms)


def _identified(bundle: Any) -> Iterator[str]:
    """Business identifiers of the teams and plans a Bundle holds; nothing for what is not one."""
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") in ("CareTeam", "CarePlan"):
            identifiers = resource.get("identifier")
            for one in identifiers if isinstance(identifiers, list) else []:
                if isinstance(one, dict) and isinstance(one.get("value"), str):
                    yield one["value"]


def _explained_lines(answer: dict[str, object]) -> list[str]:
    lines = [f"Routes : {answer['routes']}"]
    legs, skipped, missed = answer["legs"], answer["not_addressed"], answer["not_matched"]
    unknown = answer["not_looked_at"]
    assert isinstance(legs, list)
    assert isinstance(skipped, list)
    assert isinstance(missed, list)
    assert isinstance(unknown, list)
    for leg in legs:
        gate = leg["gate"]
        why = f" ({gate['reason']['fr']})" if gate["reason"] else ""
        large = f"\n    {leg['too_large']['fr']}" if leg["too_large"] else ""
        where = leg["endpoint"] or leg["address"] or "adresse inconnue"
        lines.append(
            f"→ {leg['recipient']['name']} <{where}> par {leg['transport']} : "
            f"{gate['verdict']} {gate['rule']}{why}\n    {leg['chosen_because']}{large}"
        )
    lines += [f"✗ {person['name']} : {person['reason']['fr']}" for person in skipped]
    lines += [f"? {what['fr']}" for what in unknown]
    lines += [f"· route « {route['route']} » : {route['because']}" for route in missed]
    return lines
