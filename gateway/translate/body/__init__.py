"""How bodies are written: JSON, XML, tables of text. Each gives the engine one event as a tree of names."""

from __future__ import annotations

from gateway.translate.body.csv import ROWS, Csv
from gateway.translate.body.json import Json, read_json, write_json
from gateway.translate.body.written import NAME_LIMIT, Format, Part, Written
from gateway.translate.body.xml import ROOT, Xml

__all__ = ["NAME_LIMIT", "ROOT", "ROWS", "Csv", "Format", "Json", "Part", "Written", "Xml", "read_json", "write_json"]
