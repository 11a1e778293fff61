"""The validator: bytes or a tree in, a report out. Built once, shared by threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.validate.check.experts import Experts
from gateway.validate.check.items import Item
from gateway.validate.check.profile import ProfilePass
from gateway.validate.check.shape import Shapes
from gateway.validate.check.types import TypePass
from gateway.validate.compile import Structures
from gateway.validate.finding import Finding
from gateway.validate.hold import Holding
from gateway.validate.invariants import Invariants
from gateway.validate.library import Library
from gateway.validate.place import Key, at_root, keys_of, path_of
from gateway.validate.rules import RULES
from gateway.validate.run import Run, Scope, Told, TooCostly
from gateway.validate.source import Reader
from gateway.validate.terms import Terms

Line = Callable[[tuple[Key, ...]], "int | None"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found. `tree`: the resource that was read, None when it could not be."""

    findings: tuple[Finding, ...]
    tree: dict[str, Any] | None

    @property
    def valid(self) -> bool:
        """No error: warnings and information do not make a file wrong."""
        return not any(finding.severity in ("error", "fatal") for finding in self.findings)


class Validator:
    """Checks resources against their type, the profiles they claim, and those asked for."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.structures = Structures(library)
        self._experts = Experts(self.structures)
        shapes = Shapes(self.structures)
        self._reader = Reader(shapes)
        self._profiles = ProfilePass(self._experts)
        self._types = TypePass(self._experts, shapes, self._profiles)
        self._call_experts(shapes)

    def _call_experts(self, shapes: Shapes) -> None:
        """Terminology first: invariants ask it; references last: they ask invariants and the profile pass."""
        experts, conforms = self._experts, self._profiles.resource_conforms
        experts.terms = Terms(self.library)
        invariants = Invariants(self.structures, shapes, experts.terms)
        holding = Holding(self.structures, conforms, invariants.holds, self._profiles.resource, self.library.publishes)
        invariants.acquaint(holding.resolve, conforms)
        experts.invariants, experts.hold = invariants, holding

    def check(
        self,
        data: bytes,
        *,
        profiles: Sequence[str] | Callable[[dict[str, Any]], Sequence[str]] = (),
        media_type: str | None = None,
        as_type: str | None = None,
    ) -> Report:
        """Check the bytes of a file, JSON or XML, against its type, what it claims and `profiles`.

        profiles    canonicals, or what chooses them once the resource has been read
        media_type  of the file when it is known; else its first byte tells
        as_type     the resource type it must have; another is an error
        """
        source = self._reader.read(data, media_type=media_type)
        if source.tree is None:
            return Report(tuple(spelled(source.told, source.line)), None)
        asked = profiles(source.tree) if callable(profiles) else profiles
        told = self._told(source.tree, asked, as_type, source.told)
        return Report(tuple(spelled(told, source.line)), source.tree)

    def check_tree(self, tree: dict[str, Any], *, profiles: Sequence[str] = ()) -> Report:
        """The same for a resource that is a tree already: there are no lines."""
        return Report(tuple(spelled(self._told(tree, profiles, None), lambda keys: None)), tree)

    def xml_of(self, tree: dict[str, Any]) -> bytes:
        """A resource that conforms to its type, as XML in UTF-8."""
        return self._reader.write_xml(tree)

    def _told(
        self, tree: dict[str, Any], profiles: Sequence[str], as_type: str | None, read: Sequence[Told] = ()
    ) -> list[Told]:
        """All that is found of a resource, beginning with what was found when it was `read`."""
        name = tree.get("resourceType")
        known = isinstance(name, str) and self.structures.type(name) is not None
        scope = Scope(tree, at_root(str(name) if known else "Resource"))
        run = Run(scope)
        try:
            run.note(read)
            if not self.library.has_core:
                run.tell(scope.place, "core-absent")
            if as_type is not None and name != as_type:
                run.tell(scope.place, "resource-type", type=as_type)
            self._types.resource(run, scope)
            for canonical in profiles:
                self._profiles.value(run, scope, Item(scope.place, tree, None, str(name or "")), canonical)
        except (TooCostly, RecursionError):
            run.told.append(Told(scope.place, "too-costly", "", None, "", {}))
        return run.told


def spelled(told: Iterable[Told], line: Line) -> Iterable[Finding]:
    """Findings with their sentences, in the order they were found, each once."""
    seen: set[tuple[str, str, str]] = set()
    for one in told:
        rule = RULES[one.rule]
        path = _printable(path_of(one.place))
        words = {"profile": one.profile, **one.words}
        words = {name: _printable(word) if isinstance(word, str) else word for name, word in words.items()}
        english = rule.en.format(**words)
        key = (path, one.key or one.rule, english)
        if key in seen:
            continue
        seen.add(key)
        yield Finding(
            severity=one.severity or rule.severity,
            code=rule.code,
            path=path,
            line=line(keys_of(one.place)),
            profile=words["profile"],
            rule=one.key or one.rule,
            fr=rule.fr.format(**words),
            en=english,
        )


def _printable(text: str) -> str:
    """A text in one line, for logs and terminals: the names a file gives (of elements, of profiles) may be anything."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "?" for sign in text)
