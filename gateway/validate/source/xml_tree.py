"""FHIR in XML, turned into the JSON tree by the definitions: they know what is a list, a number, a resource.

What XML alone can get wrong (order, text, attributes, namespaces, unknown elements, too many of a single one) is told
here and left out of the tree; the rest is told by the checks, as for JSON. Source: FHIR R4, xml.html.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from gateway.validate.check.shape import PRIMITIVE, RESOURCE, Field, Shape, Shapes
from gateway.validate.place import Key, Place, at_root, keys_of
from gateway.validate.run import Told
from gateway.validate.source.source import Source, refused, tell_file
from gateway.validate.source.xml import Element, NotXml, line_of, parse, text_of, wrong_encoding

FHIR = "{http://hl7.org/fhir}"
XHTML = "{http://www.w3.org/1999/xhtml}"
DEPTH_LIMIT = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,20})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,200})(?:\.[0-9]{1,200})?(?:[eE][+-]?[0-9]{1,2})?")
_FLAGS = {"true": True, "false": False}
_WHOLE_TYPES = frozenset({"integer", "positiveInt", "unsignedInt"})


class _TooDeep(Exception):
    """Elements in elements beyond DEPTH_LIMIT."""


def read_xml(data: bytes, shapes: Shapes) -> Source:
    """The resource an XML text holds."""
    wrong_from = wrong_encoding(data)
    told = [tell_file("encoding", line=wrong_from)] if wrong_from else []
    try:
        root = parse(data)
    except NotXml as wrong:
        before = told if wrong.rule != "encoding-unknown" else ()
        return refused(wrong.rule, wrong.line or None, after=before, column=wrong.column, limit=wrong.limit)
    namespace, name = _named(root)
    if namespace != FHIR:
        return refused("xml-root-namespace", line_of(root), after=told)
    reading = _Reading(shapes, told)
    try:
        tree = reading.resource(root, name, at_root(name if _NAME.fullmatch(name) else ""), 0)
    except _TooDeep:
        return refused("file-too-deep", limit=DEPTH_LIMIT)
    return Source(tree, tuple(reading.told), reading.line)


class _Reading:
    """One document under way."""

    def __init__(self, shapes: Shapes, told: list[Told]) -> None:
        self.told = told
        self._shapes = shapes
        self._places: list[tuple[Place, int]] = []
        self._lines: dict[tuple[Key, ...], int] = {}
        self._orders: dict[Shape, dict[str, int]] = {}

    def line(self, keys: tuple[Key, ...]) -> int | None:
        """See `Source.line`."""
        if not self._lines:
            self._lines = {keys_of(place): line for place, line in self._places}
        plain = tuple(key[1:] if isinstance(key, str) and key[:1] == "_" else key for key in keys)
        for length in range(len(plain), -1, -1):
            if plain[:length] in self._lines:
                return self._lines[plain[:length]]
        return None

    def resource(self, node: Element, name: str, place: Place, depth: int) -> dict[str, Any]:
        """A resource in the tag of its type; of a type R4 has not, the name alone."""
        tree: dict[str, Any] = {"resourceType": name}
        shape = self._shapes.of_type(name)
        self._note(place, node)
        if shape is not None and shape.resource:
            self._attributes(node, place, ())
            self._children(node, shape, place, tree, depth)
        return tree

    def _tell(self, place: Place, rule: str, profile: str = "", **words: Any) -> None:
        self.told.append(Told(place, rule, profile, None, "", words))

    def _note(self, place: Place, node: Element) -> None:
        self._places.append((place, line_of(node)))

    def _attributes(self, node: Element, place: Place, known: tuple[str, ...]) -> None:
        for name in node.attrib:
            if name == _SCHEMA_LOCATION:
                self._tell(place, "xml-schema-location")
            elif name not in known:
                self._tell(place, "xml-attribute", name=name if _NAME.fullmatch(str(name)) else "?")

    def _children(self, node: Element, shape: Shape, place: Place, tree: dict[str, Any], depth: int) -> None:
        """Read the elements in an element into `tree`, as far as `shape` knows them."""
        if depth > DEPTH_LIMIT:
            raise _TooDeep
        if node.text and not node.text.isspace():
            self._tell(place, "xml-text")
        order = self._order(shape)
        counts: dict[str, int] = {}
        last = -1
        for child in node:
            if child.tail and not child.tail.isspace():
                self._tell(place, "xml-text")
            namespace, name = _named(child)
            field = shape.fields.get(name)
            shown = name if field is None else field.shown
            here = (place, name, shown) if _NAME.fullmatch(name) else place
            if namespace != (XHTML if field is not None and field.type.code == "xhtml" else FHIR):
                self._note(here, child)
                self._tell(here, "xml-namespace")
                continue
            if field is None or is_attribute(field, shape):
                self._note(here, child)
                self._tell(here, "unknown-element", shape.url, type=shape.name)
                continue
            count = counts[name] = counts.get(name, 0) + 1
            if field.many:
                here = (here, count - 1, f"[{count - 1}]")
            if order[name] < last:
                self._tell(here, "xml-order", shape.url, type=shape.name)
            last = order[name]
            if field.many:
                self._item(child, field, here, tree, depth)
            elif count == 1:
                self._single(child, field, here, tree, depth)
        for name, count in counts.items():
            field = shape.fields[name]
            if count > 1 and not field.many:
                self._tell(place, "max", shape.url, element=field.key, max=1, found=count)
            if field.many and field.kind == PRIMITIVE:
                _tidy(tree, name)

    def _order(self, shape: Shape) -> dict[str, int]:
        if shape not in self._orders:
            self._orders[shape] = {key: number for number, key in enumerate(shape.fields)}
        return self._orders[shape]

    def _single(self, node: Element, field: Field, place: Place, tree: dict[str, Any], depth: int) -> None:
        self._note(place, node)
        if field.kind != PRIMITIVE:
            tree[field.key] = self._value(node, field, place, depth)
            return
        value, companion = self._primitive(node, field, place, depth)
        if value is not None:
            tree[field.key] = value
        if companion is not None:
            tree["_" + field.key] = companion

    def _item(self, node: Element, field: Field, place: Place, tree: dict[str, Any], depth: int) -> None:
        self._note(place, node)
        if place[1] == 0 and place[0] is not None:
            self._note(place[0], node)
        items = tree.setdefault(field.key, [])
        if field.kind != PRIMITIVE:
            items.append(self._value(node, field, place, depth))
            return
        value, companion = self._primitive(node, field, place, depth)
        items.append(value)
        tree.setdefault("_" + field.key, []).append(companion)

    def _value(self, node: Element, field: Field, place: Place, depth: int) -> dict[str, Any]:
        if field.kind == RESOURCE:
            return self._held(node, place, depth)
        shape = self._shapes.of(field)
        tree: dict[str, Any] = {}
        known = ("id", "url") if shape is not None and shape.name == "Extension" else ("id",)
        self._attributes(node, place, known)
        for name in known:
            if (value := node.get(name)) is not None:
                tree[name] = value
        if shape is not None:
            self._children(node, shape, place, tree, depth + 1)
        return tree

    def _held(self, node: Element, place: Place, depth: int) -> dict[str, Any]:
        """The resource in `contained` or `resource`."""
        self._attributes(node, place, ())
        named = [_named(child) for child in node]
        if len(named) != 1 or named[0][0] != FHIR:
            self._tell(place, "xml-wrapper")
            return {"resourceType": ""} if not named else self.resource(node[0], named[0][1], place, depth + 1)
        return self.resource(node[0], named[0][1], place, depth + 1)

    def _primitive(self, node: Element, field: Field, place: Place, depth: int) -> tuple[Any, dict[str, Any] | None]:
        """Its value, None when it has none; and what stands beside it: id and extensions."""
        if field.type.code == "xhtml":
            return text_of(node), None
        self._attributes(node, place, ("id", "value"))
        companion: dict[str, Any] = {}
        if (own := node.get("id")) is not None:
            companion["id"] = own
        if len(node) or node.text:
            shape = self._shapes.of(field)
            if shape is not None:
                self._children(node, shape, place, companion, depth + 1)
        value = node.get("value")
        if value is None:
            return None, companion
        return _typed(field.type.code, value), companion or None


def _named(node: Element) -> tuple[str, str]:
    """Namespace in braces, and local name."""
    tag = str(node.tag)
    cut = tag.rfind("}") + 1
    return tag[:cut], tag[cut:]


def is_attribute(field: Field, shape: Shape) -> bool:
    """`id` of all but resources, and `url` of an extension, are attributes (xml.html, representation xmlAttr)."""
    return (field.key == "id" and not shape.resource) or (field.key == "url" and shape.name == "Extension")


def _typed(code: str, value: str) -> Any:
    """The value as JSON writes it. What is no number or flag stays text: the check of its type then says so."""
    if code == "boolean":
        return _FLAGS.get(value, value)
    if code in _WHOLE_TYPES or (code == "decimal" and _WHOLE.fullmatch(value)):
        return int(value) if _WHOLE.fullmatch(value) else value
    if code == "decimal":
        return Decimal(value) if _DECIMAL.fullmatch(value) else value
    return value


def _tidy(tree: dict[str, Any], key: str) -> None:
    """Leave out the list of values, or of what stands beside them, when it holds nothing."""
    for name in (key, "_" + key):
        if all(item is None for item in tree[name]):
            del tree[name]
