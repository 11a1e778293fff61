"""Reading passerelle.yaml: wrong fields are named with file and line, paths become absolute."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gateway.config.crossed import crossed
from gateway.config.secrets import BadSettings
from gateway.config.sections import Section, Settings


def load(path: Path) -> Settings:
    """Read and check a settings file. Raises BadSettings naming every problem as `file:line: field: what`."""
    try:
        tree = YAML(typ="rt").load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings([f"{path}: cannot be read: {type(error).__name__}"]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadSettings([f"{path}:{line}: not YAML: {error.problem}"]) from None
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as wrong:
        raise BadSettings([_problem(path, tree, error) for error in wrong.errors()]) from None
    problems = [
        f"{path}:{_line(tree, place)}: {'.'.join(map(str, place))}: {what}" for place, what in crossed(settings)
    ]
    if problems:
        raise BadSettings(problems)
    return _settled(settings, path.parent.resolve())


def _settled(settings: Settings, folder: Path) -> Settings:
    """The same settings with every path made absolute."""

    def settle(value: Any) -> Any:
        if isinstance(value, Path):
            return folder / value
        if isinstance(value, Section):
            return value.model_copy(update={name: settle(getattr(value, name)) for name in type(value).model_fields})
        if isinstance(value, dict):
            return {key: settle(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(settle(item) for item in value)
        if isinstance(value, str) and re.match(r"sqlite:///[^/]", value):
            return f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
        if isinstance(value, str) and re.match(r"file:[^/]", value):
            return f"file:{folder / value.removeprefix('file:')}"
        return value

    settled = settle(settings)
    assert isinstance(settled, Settings)
    return settled


def _problem(path: Path, tree: Any, error: Any) -> str:
    place = tuple(error["loc"])
    what = "this field does not exist" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{path}:{_line(tree, place)}: {'.'.join(map(str, place)) or 'the file'}: {what}"


def _line(tree: Any, place: tuple[str | int, ...]) -> int:
    """The line of the deepest part of `place` that the file holds."""
    line = 1
    for step in place:
        marks = getattr(tree, "lc", None)
        try:
            if marks is None or marks.data is None:
                break
            line = marks.data[step][0] + 1
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            break
    return line
