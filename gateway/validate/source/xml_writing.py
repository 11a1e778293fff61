"""The JSON tree of a resource written as FHIR in XML: what `xml_tree` reads (FHIR R4, xml.html)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from lxml import etree

from gateway.validate.check.shape import PRIMITIVE, RESOURCE, Field, Shape, Shapes
from gateway.validate.source.xml import Element, NotXml, parse
from gateway.validate.source.xml_tree import FHIR, is_attribute


def write_xml(tree: dict[str, Any], shapes: Shapes) -> bytes:
    """The XML of a resource, in UTF-8, elements in the order of the definitions.

    tree  conforms to its type: what its definition does not know is left out, and so is a narrative that is no XML
    """
    root = _resource(tree, shapes, None)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _resource(tree: dict[str, Any], shapes: Shapes, above: Element | None) -> Element:
    name = str(tree["resourceType"])
    if above is None:
        node = etree.Element(FHIR + name, nsmap={None: FHIR[1:-1]})  # type: ignore[dict-item]  # None is the default namespace
    else:
        node = etree.SubElement(above, FHIR + name)
    shape = shapes.of_type(name)
    if shape is not None:
        _children(tree, shape, shapes, node)
    return node


def _children(tree: dict[str, Any], shape: Shape, shapes: Shapes, node: Element) -> None:
    for field in shape.fields.values():
        if is_attribute(field, shape):
            if isinstance(value := tree.get(field.key), str):
                node.set(field.key, value)
            continue
        for value, companion in _items(tree, field):
            _child(value, companion, field, shapes, node)


def _items(tree: dict[str, Any], field: Field) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each (value, what stands beside it) of a field: one or many."""
    value, beside = tree.get(field.key), tree.get("_" + field.key) if field.kind == PRIMITIVE else None
    if field.many:
        for one, other in zip_longest(value or (), beside or ()):
            yield one, other or {}
    elif value is not None or beside:
        yield value, beside or {}


def _child(value: Any, companion: dict[str, Any], field: Field, shapes: Shapes, above: Element) -> None:
    if field.type.code == "xhtml":
        try:
            above.append(parse(str(value).encode("utf-8")))
        except NotXml:
            return
        return
    node = etree.SubElement(above, FHIR + field.key)
    shape = None if field.kind == RESOURCE else shapes.of(field)
    if field.kind == RESOURCE:
        _resource(value, shapes, node)
    elif field.kind == PRIMITIVE:
        if value is not None:
            node.set("value", _text(value))
        if shape is not None:
            _children(companion, shape, shapes, node)
    elif shape is not None:
        _children(value, shape, shapes, node)


def _text(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)
