"""settings.md: every field of passerelle.yaml, its kind, its usual value, and an example of each part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs.generator.table import table
from gateway.config import Settings, kinds
from gateway.config.sections import Section

EXAMPLE = Path(__file__).with_name("passerelle.yaml")

KINDS = (
    (kinds.Duration, "duration"),
    (kinds.Address, "mail address"),
    (kinds.HostPort, "host:port"),
    (kinds.SecretRef, "secret"),
    (kinds.SecretRefs, "secret, or a list of them"),
    (kinds.HttpsUrl, "https address"),
    (kinds.Network, "network"),
    (kinds.NationalId, "national id"),
    (Path, "path"),
    (bool, "true or false"),
    (int, "number"),
    (str, "text"),
)


def settings() -> str:
    """The page."""
    parts = [
        "# Settings\n",
        "`passerelle.yaml`, YAML 1.2. `passerelle check` names every wrong field with file and line. Paths are "
        "relative to the file. A **secret** is `file:PATH` or `env:NAME`, never a value. A **duration** is a number "
        "and a unit: `30s` `5m` `72h` `7d` `1y`. A field without a usual value is required.\n",
    ]
    examples = dict(_examples())
    for place, section in _sections("", Settings):
        key = re.split(r"[.\[]", place)[0]
        parts += [f"## {place or 'passerelle.yaml'}\n", (section.__doc__ or "").strip() + "\n"]
        parts.append(table(("Field", "Kind", "Usual value", "Says"), _rows(section)))
        if key in examples:
            parts.append(f"```yaml\n{examples.pop(key)}```\n")
        elif not place:
            parts.append(f"```yaml\n{''.join(examples.pop(name) for name in list(examples) if _is_plain(name))}```\n")
    return "\n".join(parts)


def _is_plain(name: str) -> bool:
    return _section_in(_hints(Settings)[name]) is None


def _examples() -> Iterator[tuple[str, str]]:
    """Each outermost key of the example with its lines."""
    for part in re.split(r"^(?=\w)", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE):
        if match := re.match(r"(\w+):", part):
            yield match[1], part


def _hints(section: type[Section]) -> dict[str, Any]:
    return get_type_hints(section, include_extras=True)


def _sections(place: str, section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    """Every section with where it stands: `operators.NAME`, `mailboxes[]`."""
    yield place, section
    for name, hint in _hints(section).items():
        if name in section.model_fields and (found := _section_in(hint)):
            inner, many = found
            yield from _sections(f"{place}.{name}{many}".lstrip("."), inner)


def _section_in(hint: Any) -> tuple[type[Section], str] | None:
    if isinstance(hint, type) and issubclass(hint, Section):
        return hint, ""
    for inner in get_args(hint):
        if found := _section_in(inner):
            many = {dict: ".NAME", tuple: "[]"}.get(get_origin(hint), "")
            return found[0], many + found[1]
    return None


def _rows(section: type[Section]) -> Iterator[tuple[str, str, str, str]]:
    hints = _hints(section)
    for name, field in section.model_fields.items():
        yield (
            f"`{field.alias or name}`",
            _kind(hints[name]) + _bounds(field),
            _usual(field),
            field.description or _first_line(hints[name]),
        )


def _first_line(hint: Any) -> str:
    found = _section_in(hint)
    return (found[0].__doc__ or "").split("\n")[0] if found else ""


def _kind(hint: Any) -> str:
    for known, word in KINDS:
        if hint == known:
            return word
    inner = [one for one in get_args(hint) if one not in (NoneType, ...)]
    match get_origin(hint):
        case kind if kind in (Union, UnionType):
            return " or ".join(map(_kind, inner))
        case kind if kind is Literal:
            return " ".join(f"`{word}`" for word in inner)
        case kind if kind is tuple:
            return f"list of {_kind(inner[0])}"
        case kind if kind is dict:
            return f"by name, {_kind(inner[1])}"
        case kind if kind is Annotated:
            return _kind(inner[0])
    return "part, told below"


def _bounds(field: FieldInfo) -> str:
    words = {"ge": "at least", "le": "at most", "min_length": "length at least"}
    said = [
        f"{words[name]} {bound}"
        for one in field.metadata
        for name in words
        if (bound := getattr(one, name, None)) is not None
    ]
    return f", {' and '.join(said)}" if said else ""


def _usual(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return ""
    return _written(value)


def _written(value: object) -> str:
    match value:
        case None | () | "":
            return "none"
        case Section():
            return "its own"
        case dict():
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case timedelta():
            return f"`{_duration(value)}`"
        case tuple():
            return " ".join(map(_written, value))
    return f"`{value}`"


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    size, unit = next(
        (size, unit) for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")) if seconds % size == 0
    )
    return f"{seconds // size}{unit}"
