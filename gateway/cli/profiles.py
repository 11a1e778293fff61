"""profiles: the official FHIR packages, fetched from registries and shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import options
from gateway.cli.output import REFUSED, refuse, show
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.validate.packages.install import Placed

app = typer.Typer(help="Install and list the FHIR packages resources are validated against.", no_args_is_help=True)

Into = Annotated[
    Path | None,
    typer.Option(
        "--into", help="Folder of packages (default: the first of `profiles.packages`, else ~/.fhir/packages)."
    ),
]

_EVERY_S = 0.5  # between two words on how far an archive has come
_STATES = {"there": "là", "missing": "absent", "optional": "absent, facultatif", "other": "là, hors liste"}


@app.command()
def install(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ID#VERSION", help="Packages (default: all of packages.yaml).")
    ] = None,
    into: Into = None,
    registry: Annotated[
        list[str] | None, typer.Option("--registry", help="A registry to ask in place of those of the settings.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Fetch nothing: say what is missing.")] = False,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Fetch FHIR packages and what they depend on.

    What is there is left alone, what was cut is gone on with.

    Exit code 0, or 2 when a package asked for is not there in the end.
    """
    from gateway import wiring

    try:
        settings = options.settings_at(config)
        place = into or wiring.packages_place(settings)
        if check:
            _show(wiring.installed([place]), place, as_json, fails=True)
            return
        placed = wiring.install_packages(
            names or (),
            into=place,
            registries=registry or wiring.registries_of(settings),
            progress=_Shown(),
        )
    except GatewayError as wrong:
        refuse(wrong, as_json)
    faulty = [one for one in placed if one.faulty]
    told = [
        {"package": one.name, "state": one.state, "wanted": one.wanted, "fr": one.fr, "en": one.en}
        | ({"sha256": one.sha256} if one.sha256 else {})
        for one in placed
    ]
    if not as_json:
        for one in faulty:
            print(_line(one), file=sys.stderr)
    show({"ok": not faulty, "into": str(place), "packages": told}, as_json, _lines(placed, place))
    if faulty:
        raise SystemExit(REFUSED)


@app.command("list")
def list_(into: Into = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """Show which packages of the list are there, and what else is.

    Of --into, else of the folders of the settings, else of ~/.fhir/packages.
    """
    from gateway import wiring

    try:
        settings = options.settings_at(config)
        places = [into] if into else _places(settings)
        found = wiring.installed(places)
    except GatewayError as wrong:
        refuse(wrong, as_json)
    _show(found, places[0], as_json, fails=False)


def _places(settings: Settings | None) -> list[Path]:
    from gateway import wiring

    return list(settings.profiles.packages if settings else ()) or [wiring.packages_place(settings)]


def _show(found: Mapping[str, str], place: Path, as_json: bool, *, fails: bool) -> None:
    ok = "missing" not in found.values()
    told = [{"package": name, "state": state} for name, state in found.items()]
    lines = [str(place), *(f"  {name}: {_STATES[state]}" for name, state in found.items())]
    show({"ok": ok, "into": str(place), "packages": told}, as_json, lines)
    if fails and not ok:
        raise SystemExit(REFUSED)


def _lines(placed: Sequence[Placed], place: Path) -> list[str]:
    """What is there in the end, and what a package depends on that no registry has."""
    count = sum(one.state in {"there", "installed"} for one in placed)
    told = [_line(one) for one in placed if not one.faulty]
    return [*told, f"{count} paquet(s) sur {len(placed)} dans {place}"]


def _line(one: Placed) -> str:
    return f"{one.name}{'' if one.wanted else ' (dépendance)'}: {one.fr}"


class _Shown:
    """How far each archive has come, on stderr; seldom, so that a log stays short."""

    def __init__(self) -> None:
        self._next = 0.0
        self._name = ""

    def __call__(self, name: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if name == self._name and now < self._next and done != total:
            return
        self._name, self._next = name, now + _EVERY_S
        of = f" / {total / 1e6:.1f} Mo ({100 * done // total} %)" if total else " Mo"
        print(f"{name}: {done / 1e6:.1f}{of}", file=sys.stderr)
