"""What is wrong with what was asked, not with a resource: a file that is not there, a profile nobody has."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.validate.finding import Finding
from gateway.validate.rules import RULES


def unreadable() -> Finding:
    """The finding of a file that does not exist, is a folder or may not be read."""
    return _finding("file-unreadable")


def no_such_profile(profile: str, places: Iterable[str]) -> Finding:
    """The finding of a profile that was asked for and is in none of `places` (as a person would name them)."""
    where = ", ".join(places) or "-"
    return _finding("profile-not-found", profile, where=where)


def _finding(name: str, profile: str = "", **words: str) -> Finding:
    rule = RULES[name]
    fr, en = rule.fr.format(**words), rule.en.format(**words)
    return Finding(rule.severity, rule.code, "", None, profile, name, fr, en)
