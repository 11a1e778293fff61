"""The verb of a rule with the options the table gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

from ruamel.yaml.comments import CommentedMap

from gateway.model.codes import Terms
from gateway.translate.findings import At, Findings, at_key, at_value
from gateway.translate.verb import Verb
from gateway.translate.verbs import VERBS, Code

_OURS = ("pairs", "terms")  # filled by us, never written in a table


class Options:
    """Makes verbs from rules, with the code tables of the file and the national lists."""

    def __init__(self, findings: Findings, codes: Mapping[str, Any], terms: Terms) -> None:
        self._findings, self._codes, self._terms = findings, codes, terms
        for name, table in codes.items():
            self._check_table(name, table)

    def verb(self, said: CommentedMap, item: Any, at: At) -> Verb | None:
        """The verb a rule names, for a field of type `item`; None when something is wrong with it."""
        name = said["verb"]
        if not isinstance(name, str) or name not in VERBS:
            self._findings.problem(at_value(said, "verb"), f"no such verb: {name}; verbs are {', '.join(VERBS)}")
            return None
        options = self._options(said, VERBS[name])
        if options is None or (VERBS[name] is Code and not self._codes_of(options, item, said)):
            return None
        try:
            verb = VERBS[name](**options)
        except (TypeError, ValueError, KeyError, OSError) as wrong:
            self._findings.problem(at, f"verb {name}: {wrong}")
            return None
        if not verb.fits(item):
            self._findings.problem(at_value(said, "verb"), f"verb {name} does not fill such a field")
        return verb

    def _options(self, said: CommentedMap, verb: type[Verb]) -> dict[str, Any] | None:
        kinds = {one.name: str(one.type) for one in fields(verb) if one.name not in _OURS}  # type: ignore[arg-type]
        options: dict[str, Any] = {}
        for option in (word for word in said if word not in ("path", "verb", "list")):
            value = said[option]
            if option not in kinds:
                what = f"verb {said['verb']} takes no {option}; it takes {', '.join(kinds) or 'nothing'}"
                self._findings.problem(at_key(said, option), what)
                return None
            if kinds[option].startswith("tuple"):
                value = tuple(value) if isinstance(value, list) else (value,)
            wordy = kinds[option] == "str" or kinds[option].startswith("tuple")
            texts = value if isinstance(value, tuple) else (value,)
            if wordy and not all(isinstance(text, str) for text in texts):
                self._findings.problem(at_value(said, option), f"{option} is a text")
                return None
            options[option] = value
        return options

    def _codes_of(self, options: dict[str, Any], item: Any, said: CommentedMap) -> bool:
        lists = options.get("of", ()) + options.get("also", ())
        unknown = [name for name in lists if name not in self._terms.names()]
        for name in unknown:
            self._findings.problem(at_key(said, "of" if "of" in said else "also"), f"no such national list: {name}")
        table = options.get("table")
        if table and table not in self._codes:
            self._findings.problem(at_value(said, "table"), f"no such code table: {table}")
        if unknown or (table and not isinstance(self._codes.get(table), dict)):
            return False
        options["terms"] = self._terms
        if table:
            options["pairs"] = self._pairs(self._codes[table], item, lists)
        return True

    def _pairs(self, table: Any, item: Any, lists: tuple[str, ...]) -> dict[tuple[type, Any], str]:
        for theirs, ours in table.items():
            if get_origin(item) is Literal and ours not in get_args(item):
                self._findings.problem(at_key(table, theirs), f"{ours} is none of {', '.join(get_args(item))}")
            elif lists and self._terms.find(str(ours), *lists) is None:
                self._findings.problem(at_key(table, theirs), f"{ours} is not in {', '.join(lists)}")
        return {(type(theirs), theirs): ours for theirs, ours in table.items()}

    def _check_table(self, name: str, table: Any) -> None:
        if not self._findings.mapping(table, at_key(self._codes, name), f"code table {name}"):
            return
        seen: dict[str, Any] = {}
        for theirs, ours in table.items():
            at = at_key(table, theirs)
            if not isinstance(ours, str) or not isinstance(theirs, (str, int, bool)):
                self._findings.problem(at, "a code table joins their text, number or flag to a text of ours")
            elif ours in seen:
                self._findings.problem(at, f"code table {name}: {ours} is already written {seen[ours]}")
            else:
                seen[ours] = theirs
