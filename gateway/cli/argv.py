"""`--after a.json b.json`: an option that takes every file up to the next option, as shells expand `*.json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MANY = ("--after", "--checkpoint")


def spread(words: Sequence[str], many: Iterable[str] = MANY) -> list[str]:
    """Repeat each such option before each of its values. A word `--` ends it.

    The command's own file comes first: in `translate EVENT.json --after A.json B.json` both A and B are earlier events.
    """
    many, option = frozenset(many), ""
    spread_out: list[str] = []
    for index, word in enumerate(words):
        if word == "--":
            return [*spread_out, *words[index:]]
        if word.startswith("-"):
            option = word if word in many else ""
            if not option:
                spread_out.append(word)
        elif option:
            spread_out += [option, word]
        else:
            spread_out.append(word)
    return spread_out
