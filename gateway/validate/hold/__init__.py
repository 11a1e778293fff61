"""hold: what holds what: references and their targets, contained resources, Bundles, extensions, claimed profiles."""

from __future__ import annotations

from gateway.validate.hold.holding import Holding
from gateway.validate.hold.references import Target, resolve

__all__ = ["Holding", "Target", "resolve"]
