"""The rules of the house, asked of the code itself."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "gateway").rglob("*.py"))
STDLIB = sys.stdlib_module_names

ROOMS_OF = {
    "fhir": {"translate", "validate"},
    "regex": {"validate"},
    "sqlalchemy": {"record"},
    "alembic": {"record"},
    "fastapi": {"api", "web"},
    "starlette": {"api", "web"},
    "jinja2": {"web"},
    "h11": {"deliver"},
    "httpx": {"deliver", "route", "validate"},
    "smtplib": {"deliver"},
    "imapclient": {"deliver"},
    "lxml": {"translate", "pack", "route", "validate"},
    "typer": {"cli"},
    "typst": {"pack"},
    "pikepdf": {"pack"},
}
"""Library → the rooms it may live in; the sandbox is a world of its own and brings its own servers."""

NAMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "misc",
    "manager",
    "handler",
    "handlers",
    "service",
    "core",
}


def imports(module: Path) -> set[str]:
    """Top-level names a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def is_public(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    """True for a function or class others may use."""
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


def room(module: Path) -> str:
    """The room a module stands in: `pack`, or `config` for a module of its own."""
    return module.relative_to(ROOT / "gateway").parts[0].removesuffix(".py")


def test_imports_only_go_down_and_rooms_have_no_doors_between_them() -> None:
    contracts = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert contracts.returncode == 0, contracts.stdout


@pytest.mark.parametrize("library", sorted(ROOMS_OF))
def test_each_library_stays_in_its_rooms(library: str) -> None:
    strays = [
        str(module.relative_to(ROOT))
        for module in MODULES
        if library in imports(module) and room(module) not in ROOMS_OF[library] | {"sandbox"}
    ]
    assert strays == []


@pytest.mark.parametrize("ground", ["model", "journey"])
def test_the_ground_and_the_staircase_need_the_standard_library_only(ground: str) -> None:
    strays = {
        str(module.relative_to(ROOT)): sorted(imports(module) - STDLIB - {"gateway"})
        for module in MODULES
        if room(module) == ground and imports(module) - STDLIB - {"gateway"}
    }
    assert strays == {}


def test_no_module_has_a_name_without_meaning() -> None:
    assert [module for module in MODULES if {part.removesuffix(".py") for part in module.parts} & NAMELESS] == []


def test_modules_hold_one_idea() -> None:
    lengths = {
        module: len(module.read_text("utf-8").splitlines()) for module in MODULES if module.name != "__init__.py"
    }
    assert {str(module.relative_to(ROOT)): lines for module, lines in lengths.items() if lines > 400} == {}
    assert statistics.median(lengths.values()) <= 160


def test_every_public_function_and_class_says_what_it_promises() -> None:
    silent = []
    for module in MODULES:
        tree = ast.parse(module.read_text("utf-8"))
        if not ast.get_docstring(tree) and tree.body:
            silent.append(str(module.relative_to(ROOT)))
        public = [node for node in tree.body if is_public(node)]
        methods = [item for node in public if isinstance(node, ast.ClassDef) for item in node.body if is_public(item)]
        silent += [
            f"{module.relative_to(ROOT)}:{node.lineno}" for node in [*public, *methods] if not ast.get_docstring(node)
        ]
    assert silent == []


def test_the_gateway_is_synchronous_throughout() -> None:
    """One colour: only where a library asks for a coroutine (the HTTP body, the sandbox's servers)."""
    allowed = {"api", "web", "sandbox"}
    coloured = [
        f"{module.relative_to(ROOT)}:{node.lineno}"
        for module in MODULES
        if room(module) not in allowed
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert coloured == []
