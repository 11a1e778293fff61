"""route: who gets an event, where, by which channel and by which right."""

from __future__ import annotations
