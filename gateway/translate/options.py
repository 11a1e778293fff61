"""The verb of a rule with the options the table gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

from ruamel.yaml.comments import CommentedMap

from gateway.model.codes import Terms
from gateway.translate.code import Code, Pairs
from gateway.translate.findings import At, Findings, at_key, at_value, meant
from gateway.translate.tables import CodeTables
from gateway.translate.verb import Verb
from gateway.translate.verbs import SEVERAL, VERBS, Flag, Number
from gateway.translate.wording import WORDINGS, Wording

_OURS = ("pairs", "terms")  # filled by us, never written in a table
_TYPES: dict[str, tuple[type, str]] = {"int": (int, "a whole number"), "bool": (bool, "true or false")}


def options_of(verb: type[Verb]) -> dict[str, str]:
    """The options a table may give a verb, each with the type of its value as it is annotated."""
    return {one.name: str(one.type) for one in fields(verb) if one.name not in _OURS}  # type: ignore[arg-type]


class Options:
    """Makes verbs from rules, with the code tables of the file and the national lists."""

    def __init__(self, findings: Findings, tables: CodeTables, terms: Terms, *, texts: bool) -> None:
        self._findings, self._tables, self._terms, self._texts = findings, tables, terms, texts

    def verb(self, said: CommentedMap, hints: tuple[Any, ...], at: At, words: tuple[str, ...]) -> Verb | None:
        """The verb a rule names, for fields of these types; None when something is wrong with it.

        words  those of the rule that are not the verb's
        """
        name = said["verb"]
        known: Mapping[str, type[Verb]] = SEVERAL if len(hints) > 1 else VERBS
        if not isinstance(name, str) or name not in known:
            what = f"no such verb: {name}; verbs are {', '.join(known)}{meant(name, known)}"
            if isinstance(name, str) and name in VERBS | SEVERAL:
                fits = "several fields" if name in SEVERAL else "one field"
                what = f"verb {name} fills {fits}; for these there are {', '.join(known)}"
            self._findings.problem(at_value(said, "verb"), what)
            return None
        kind = known[name]
        options = self._options(said, kind, words)
        if options is None or (kind is Code and not self._codes_of(options, hints, said)):
            return None
        wording = {word: options.pop(word) for word in WORDINGS if word in options and word not in options_of(kind)}
        self._as_texts(kind, options)
        try:
            verb = kind(**options)
            worded = Wording(verb, **wording) if wording else verb
        except (TypeError, ValueError, KeyError, OSError) as wrong:
            self._findings.problem(at, f"verb {name}: {wrong}")
            return None
        if not all(verb.fits(hint) for hint in hints):
            fitting = [word for word, one in known.items() if all(one.fits_any(hint) for hint in hints)]
            what = f"verb {name} does not fill such a field; {', '.join(fitting) or 'a group'} can"
            self._findings.problem(at_value(said, "verb"), what)
        return worded

    def _options(self, said: CommentedMap, verb: type[Verb], words: tuple[str, ...]) -> dict[str, Any] | None:
        kinds = {**{word: _WORDING_TYPES[word] for word in WORDINGS}, **options_of(verb)}
        options: dict[str, Any] = {}
        for option in (word for word in said if word not in words):
            value = said[option]
            if option not in kinds:
                own = ", ".join(options_of(verb)) or "nothing"
                what = f"verb {said['verb']} takes no {option}; it takes {own}{meant(option, [*kinds, *words])}"
                self._findings.problem(at_key(said, option), what)
                return None
            kind = kinds[option]
            if kind.startswith("tuple"):
                value = tuple(value) if isinstance(value, list) else (value,)
            texts = value if isinstance(value, tuple) else (value,)
            wordy = kind == "str" or kind.startswith("tuple[str,")
            if wordy and not all(isinstance(text, str) for text in texts):
                self._findings.problem(at_value(said, option), f"{option} is a text")
                return None
            if kind in _TYPES and type(value) is not _TYPES[kind][0]:
                self._findings.problem(at_value(said, option), f"{option} is {_TYPES[kind][1]}")
                return None
            options[option] = value
        return options

    def _as_texts(self, verb: type[Verb], options: dict[str, Any]) -> None:
        """In XML and in tables numbers and flags are texts, whatever the table says."""
        if not self._texts:
            return
        if verb is Number:
            options["quoted"] = True
        if verb is Flag:
            given = {"yes": (True,), "no": (False,)} | options
            options |= {word: tuple(_as_text(one) for one in given[word]) for word in ("yes", "no")}

    def _codes_of(self, options: dict[str, Any], hints: tuple[Any, ...], said: CommentedMap) -> bool:
        lists = options.get("of", ()) + options.get("also", ())
        unknown = [name for name in lists if name not in self._terms.names()]
        for name in unknown:
            self._findings.problem(at_key(said, "of" if "of" in said else "also"), f"no such national list: {name}")
        table = options.get("table")
        if table and table not in self._tables.names:
            what = f"no such code table: {table}{meant(table, self._tables.names)}"
            self._findings.problem(at_value(said, "table"), what)
            return False
        if len(hints) > 1 and not table:
            self._findings.problem(at_value(said, "verb"), "a code for several fields needs a table")
            return False
        if unknown:
            return False
        options["terms"] = self._terms
        if table:
            for words, ours, at in self._tables.rows(table):
                if words != len(hints):
                    self._findings.problem(at, f"the table gives {words} words, the rule fills {len(hints)} fields")
                for hint, word in zip(hints, ours, strict=False):
                    self._check(word, hint, lists, at)
            options["pairs"] = self._tables.pairs(table)
        return True

    def _check(self, ours: Any, hint: Any, lists: tuple[str, ...], at: At) -> None:
        code = ours.get("code") if isinstance(ours, dict) else ours
        wanted = (ours["list"],) if isinstance(ours, dict) and "list" in ours else lists
        if ours is None:
            return
        words = choices(hint)
        if words and ours not in words:
            self._findings.problem(at, f"{ours} is none of {', '.join(words)}{meant(ours, words)}")
        elif isinstance(ours, dict) and str(ours.get("list")) not in self._terms.names():
            self._findings.problem(at, f"no such national list: {ours.get('list')}")
        elif wanted and self._terms.find(str(code), *wanted) is None:
            self._findings.problem(at, f"{code} is not in {', '.join(wanted)}")


def choices(hint: Any) -> tuple[str, ...]:
    """The words of a closed list of ours, none for any other type."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(word.value for word in hint) if hasattr(hint, "__members__") else ()


def _as_text(word: Any) -> Any:
    if not isinstance(word, (bool, int)):
        return word
    return str(word).lower() if isinstance(word, bool) else str(word)


_WORDING_TYPES = {**options_of(Wording)}

__all__ = ["Options", "Pairs", "choices", "options_of"]
