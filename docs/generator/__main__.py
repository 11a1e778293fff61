"""Write every page."""

from __future__ import annotations

from docs.generator import FOLDER, PAGES, page

FOLDER.mkdir(exist_ok=True)
for name in PAGES:
    (FOLDER / name).write_text(page(name), "utf-8")
