"""The pages of a PDF, found without repair: a tree of any depth or shape costs no more than its pages."""

from __future__ import annotations

import pikepdf

PAGE_LIMIT = 10_000


class TooManyPages(ValueError):
    """More pages, or more places for them, than any document has."""


def find_pages(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """Its pages in order, each once. Raises TooManyPages; TypeError for a tree that is none."""
    root = pdf.Root.get("/Pages")
    pages: list[pikepdf.Object] = []
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary):
            raise TypeError("a page is not a dictionary")
        if node.is_indirect:
            if node.objgen in seen:
                continue  # a loop, or one page named twice
            seen.add(node.objgen)
        kids = node.get("/Kids")
        if not isinstance(kids, pikepdf.Array):
            pages.append(node)
            continue
        if len(kids) + len(waiting) + len(pages) > PAGE_LIMIT or len(seen) > PAGE_LIMIT:
            raise TooManyPages
        waiting.extend(reversed(list(kids)))
    return pages
