"""Passerelle: an event is translated, packed, routed, delivered and recorded."""

__version__ = "0.1.0"
