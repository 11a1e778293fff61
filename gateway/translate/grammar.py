"""The grammar of mapping tables as a JSON Schema (2020-12), for editors: made from the very words the loader knows.

A table the loader takes is valid; a table that is not valid the loader refuses. The converse is not true: whether a
field exists, a group is named rightly or a place is read twice, only the loader says.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from gateway.model.event import KINDS
from gateway.translate.formats import CSV_WORDS, FORMATS, XML_WORDS
from gateway.translate.options import options_of
from gateway.translate.rules import BESIDE_WORDS, EACH_WORDS, GROUP_WORDS, VERB_WORDS
from gateway.translate.sources import CONDITION_WORDS
from gateway.translate.table import EVENT_WORDS, MAY, MUST
from gateway.translate.verbs import SEVERAL, VERBS
from gateway.translate.wording import WORDINGS, Wording

Schema = dict[str, Any]

_WORD: Schema = {"type": ["string", "integer", "boolean"]}
_TEXT: Schema = {"type": "string", "minLength": 1}
_PATH: Schema = {"type": "string", "pattern": "^/", "description": "Where it stands in their body: /patient/nom"}
_PATHS: Schema = {"anyOf": [_PATH, {"type": "array", "items": _PATH}]}
_NAMES: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_CONDITIONS: Schema = {
    "anyOf": [{"$ref": "#/$defs/condition"}, {"type": "array", "items": {"$ref": "#/$defs/condition"}}]
}
_BLANK: Schema = {"anyOf": [_WORD, {"type": "array", "items": _WORD}]}
_OURS: Schema = {
    "anyOf": [
        {"type": "string"},
        {"$ref": "#/$defs/listed-code"},
        {
            "type": "array",
            "items": {"anyOf": [{"type": ["string", "null"]}, {"$ref": "#/$defs/listed-code"}]},
            "minItems": 1,
        },
    ]
}

_TOLD: dict[str, tuple[Schema, str]] = {
    "path": (_PATH, "Where it stands in their body"),
    "or": (_PATHS, "Places read when nothing stands at path"),
    "paths": ({"type": "array", "items": _PATH}, "Several places: parts of one value, or the values of a list"),
    "join": (_TEXT, "The text between the parts"),
    "lengths": ({"type": "array", "items": {"type": "integer", "minimum": 1}}, "The characters of each part"),
    "only": (_CONDITIONS, "Used only when this holds; written so that it holds"),
    "where": (_CONDITIONS, "Which of several places of one name is meant"),
    "blank": (_WORD, "Their word for nothing: read as absent, written when we have nothing"),
    "blank-read": (_BLANK, "More of their words for nothing, never written"),
    "verb": ({"enum": sorted({*VERBS, *SEVERAL})}, "How the value is written"),
    "list": ({"enum": [True, False, "one"]}, "A list of values; one: our list, of which they write a single value"),
    "split": (_TEXT, "A list in one text: what stands between its values"),
    "default": (_WORD, "Their word when they say nothing"),
    "group": (_TEXT, "One object, by the rules of a group; without path its places lie beside the others"),
    "prefix": ({"type": "string"}, "What every name of the group's places begins with; or, of a value, its beginning"),
    "short": (_TEXT, "The one field that may stand for the whole object, read and written"),
    "short-read": (_TEXT, "The same, read only"),
    "each": (_TEXT, "A list of objects, by the rules of a group"),
    "rows": ({"const": True}, "The rows of the event, in a table"),
}

_OPTIONS: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
}


def mapping_schema() -> Schema:
    """The schema. Its `$id` is where the API serves it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:passerelle:schema:mapping",
        "title": "Mapping table",
        "description": "How one practice software speaks, one line a field, read both ways",
        **_object({word: _top()[word] for word in (*MUST, *MAY)}, MUST),
        "$defs": _definitions(),
    }


def _top() -> dict[str, Schema]:
    groups = {"type": "object", "additionalProperties": {"$ref": "#/$defs/group"}}
    events = {"type": "object", "properties": {kind: {"$ref": "#/$defs/event"} for kind in KINDS}, "minProperties": 1}
    table = {"type": "object", "additionalProperties": {"$ref": "#/$defs/code-table"}}
    return {
        "dialect": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,40}$"},
        "version": {"type": "string", "pattern": r"\S"},
        "source": {"type": "string", "pattern": r"\S", "description": "Where its words were learnt, and when"},
        "format": {"enum": list(FORMATS)},
        "xml": {"$ref": "#/$defs/xml"},
        "csv": {"$ref": "#/$defs/csv"},
        "each-event": {**_PATH, "description": "Where several events stand in one body"},
        "empty": {"enum": ["refused", "absent"], "description": "What null and empty texts of JSON mean"},
        "ignore": _PATHS,
        "always": _CONDITIONS,
        "groups": groups,
        "codes": table,
        "codes-read": table,
        "events": {**events, "additionalProperties": False},
    }


def _object(properties: dict[str, Schema], required: Any = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _definitions() -> dict[str, Schema]:
    body: dict[str, Schema] = {
        "when": {"anyOf": [_WHEN, {"type": "array", "items": _WHEN, "minItems": 1}]},
        "within": _PATH,
        "fields": {"type": "object", "additionalProperties": {"$ref": "#/$defs/rules"}},
        "include": _NAMES,
        "ignore": _PATHS,
        "always": _CONDITIONS,
    }
    xml: dict[str, Schema] = {
        "root": {"type": "string"},
        "namespaces": {"type": "object", "additionalProperties": {"type": "string"}},
        "indent": {"type": "integer", "minimum": 0, "maximum": 8},
        "encoding": {"type": "string"},
    }
    csv: dict[str, Schema] = {
        "delimiter": {"type": "string", "description": "One character, or tab"},
        "encoding": {"type": "string"},
        "key": _NAMES,
        "columns": _NAMES,
        "heading": {"type": "boolean"},
        "newline": {"enum": ["crlf", "lf"]},
    }
    condition: dict[str, Schema] = {
        "path": _PATH,
        "is": _WORD,
        "in": {"anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1}]},
        "present": {"type": "boolean"},
    }
    items = {"type": "array", "items": {"$ref": "#/$defs/rule"}, "minItems": 1}
    listed = _object({"list": {"type": "string"}, "code": {"type": "string"}}, ("list", "code"))
    return {
        "event": {
            **_object({word: body[word] for word in EVENT_WORDS}),
            "anyOf": [{"required": ["when"]}, {"required": ["within"]}],
        },
        "group": _object({word: body[word] for word in EVENT_WORDS[2:]}),
        "xml": _object({word: xml[word] for word in XML_WORDS}),
        "csv": _object({word: csv[word] for word in CSV_WORDS}),
        "condition": {
            **_object({word: condition[word] for word in CONDITION_WORDS}, ("path",)),
            "minProperties": 2,
            "maxProperties": 2,
        },
        "listed-code": listed,
        "code-table": {"type": "object", "additionalProperties": _OURS},
        "rules": {"anyOf": [{"$ref": "#/$defs/rule"}, items]},
        "rule": {
            "type": "object",
            "oneOf": [
                *(_verb(name) for name in sorted({*VERBS, *SEVERAL})),
                _words(GROUP_WORDS, ("group", "path")),
                _words(BESIDE_WORDS, ("group",)),
                _words(EACH_WORDS, ("each",)),
                _object({"items": items}, ("items",)),
                _object({"value": {"description": "What our field always is in this dialect"}}, ("value",)),
            ],
        },
    }


_WHEN: Schema = {
    "anyOf": [
        {"$ref": "#/$defs/condition"},
        _object({"root": {"type": "string", "description": "The outermost element"}}, ("root",)),
    ]
}


def _words(words: Any, required: Any) -> Schema:
    return _object({word: {**_TOLD[word][0], "description": _TOLD[word][1]} for word in words}, required)


def _verb(name: str) -> Schema:
    """A rule with that verb: the rule's words, the wording of any verb, the verb's own options."""
    schema = _words(VERB_WORDS, ("verb",))
    schema["properties"]["verb"] = {"const": name}
    kinds = [verbs[name] for verbs in (VERBS, SEVERAL) if name in verbs]
    own = {option: said for kind in kinds for option, said in options_of(kind).items()}
    wording = {word: options_of(Wording)[word] for word in WORDINGS}
    for option, said in {**wording, **own}.items():
        one = _OPTIONS.get(said, _WORD if "int" in said else _TEXT)
        schema["properties"][option] = {"anyOf": [one, {"type": "array", "items": one}]} if "tuple" in said else one
    return schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(mapping_schema(), indent=1, ensure_ascii=False) + "\n")
