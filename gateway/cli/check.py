"""check: what is wrong with settings, tables and what they name, before anything runs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, Misused, refuse, show
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.translate import Dialect

app = typer.Typer(invoke_without_command=True)


@app.callback()
def check(
    asked: typer.Context,
    config: options.Config = None,
    mappings: options.Mappings = None,
    as_json: options.Json = False,
) -> None:
    """Check settings and what they name.

    Mappings, routes, certificates, the white list, the directory, FHIR packages and the connections.

    Exit code 0, or 2 with every problem, each with its file and line where it has one.
    """
    if asked.invoked_subcommand is None:
        problems = _problems(config or options.DEFAULT, mappings or [])
        packages = {} if problems else _packages(config or options.DEFAULT)
        answer = {"ok": not problems, "problems": problems, "packages": packages}
        show(answer, as_json, problems or [*_counted(packages), "Tout est en ordre."])
        if problems:
            raise SystemExit(REFUSED)


@app.command("mappings")
def check_mappings(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True, help="Folders of tables, or tables (default: the project's own and those of the settings)."
        ),
    ] = None,
    losses: Annotated[bool, typer.Option("--losses", help="Also say what each table cannot carry.")] = False,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Check mapping tables: every problem at once, with file, line and column.

    What is never used in a table is named too. Exit code 0, or 2 when something must be corrected.
    """
    from gateway import wiring
    from gateway.translate import Dialects, check_tables, tables_in

    try:
        settings = options.settings_at(config)
    except GatewayError as wrong:
        refuse(wrong, as_json)
    own = wiring.data("mappings")
    files = tables_in(places or [own, *(settings.mappings if settings else ())])
    if not files:
        refuse(Misused("There is no mapping table there", advice="Name a folder that holds *.yaml files"), as_json)
    mine = {file.resolve() for file in files}
    beside = [file for file in tables_in([own]) if file.resolve() not in mine]
    terms = wiring.open_terms()
    problems = [one for one in check_tables([*beside, *files], terms) if Path(one.file).resolve() in mine]
    grave = [problem for problem in problems if not problem.harmless]
    told = []
    if not grave:
        dialects = Dialects.load(files, terms)
        told = [_about(dialects.get(name), losses) for name in dialects.names]
    lines = [str(problem) for problem in problems]
    show({"ok": not grave, "problems": lines, "dialects": told}, as_json, [*lines, *_lines(told)])
    if grave:
        raise SystemExit(REFUSED)


def _about(dialect: Dialect, losses: bool) -> dict[str, Any]:
    from gateway.model.event import KINDS
    from gateway.translate import limits
    from gateway.translate import losses as losses_of

    lost = losses_of(dialect)
    about = {"dialect": dialect.name, "version": dialect.version, "file": dialect.file, "types": list(lost)}
    silent = [kind for kind in KINDS if kind not in lost]
    return {**about, **({"not_told": silent, "losses": lost, "limits": limits(dialect)} if losses else {})}


def _lines(told: Iterable[dict[str, Any]]) -> Iterator[str]:
    from gateway.model.event import KINDS

    for one in told:
        count = f"{len(one['types'])} of {len(KINDS)} types of event"
        yield f"{one['file']}: dialect {one['dialect']} {one['version']}, {count}"
        if "losses" in one:
            yield from _losses(one["not_told"], one["losses"])
            yield from _limits(one["limits"])


def _losses(silent: Sequence[str], losses: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is lost everywhere is told once, then what each type loses beside it."""
    if silent:
        yield from _wrapped("does not tell", silent)
    everywhere = [lost for lost in next(iter(losses.values()), ()) if all(lost in other for other in losses.values())]
    if everywhere:
        yield from _wrapped("no type carries", everywhere)
    for kind, fields in losses.items():
        own = [lost for lost in fields if lost not in everywhere]
        yield from _wrapped(f"{kind} does not carry either" if everywhere else f"{kind} does not carry", own or ["–"])


def _limits(limits: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    """Values that cannot be written though their field can, each told once with its fields."""
    fields: dict[str, list[str]] = {}
    for field, what in dict.fromkeys(limit for told in limits.values() for limit in told):
        fields.setdefault(what, []).append(field)
    for what, names in fields.items():
        yield from _wrapped(f"cannot be written: {what}, of", names)


def _wrapped(what: str, names: Sequence[str]) -> Iterator[str]:
    yield f"  {what}:"
    yield from textwrap.wrap(", ".join(names), 116, initial_indent="    ", subsequent_indent="    ")


def _problems(path: Path, mappings: list[Path]) -> list[str]:
    """Every problem of the settings and of what they name; the settings themselves first."""
    from gateway import wiring
    from gateway.config import load

    problems: list[str] = []

    def asked(check: Callable[[], object]) -> None:
        try:
            check()
        except GatewayError as wrong:
            problems.extend(_told(wrong))

    try:
        settings = load(path)
    except GatewayError as wrong:
        return _told(wrong)
    asked(lambda: wiring.check_dialects(settings, wiring.open_words([*settings.mappings, *mappings])))
    asked(lambda: wiring.open_routes(settings))
    asked(lambda: wiring.open_directory(settings))
    asked(lambda: wiring.open_transports(settings))
    asked(lambda: wiring.key_of_32(settings.vault.key))
    asked(lambda: wiring.key_of_32(settings.audit.key))
    asked(lambda: wiring.check_white_list(settings))
    asked(lambda: wiring.check_certificates(settings))
    asked(lambda: wiring.check_converter(settings))
    asked(lambda: wiring.check_connections(settings))
    asked(lambda: wiring.check_endpoints(settings))
    asked(lambda: wiring.check_packages(settings))
    return list(dict.fromkeys(problems))


def _packages(path: Path) -> dict[str, str]:
    """The official FHIR packages of the list and of the settings: there, missing, optional, or other."""
    from gateway import wiring
    from gateway.config import load

    return dict(wiring.installed(load(path).profiles.packages))


def _counted(packages: Mapping[str, str]) -> Iterator[str]:
    """None is needed: what the gateway makes is checked against its own profiles."""
    missing = [name for name, state in packages.items() if state == "missing"]
    if len(missing) == sum(state in {"there", "missing"} for state in packages.values()):
        yield "Aucun paquet FHIR officiel : les profils de la passerelle suffisent à ses envois."
    elif missing:
        yield f"Paquets FHIR de la liste absents : {', '.join(missing)}."
    else:
        yield "Les paquets FHIR de la liste sont là."


def _told(wrong: GatewayError) -> list[str]:
    return [str(problem) for problem in getattr(wrong, "problems", ())] or [str(wrong)]
