"""Security labels: a resource has each once (FHIR R4, Meta.security: a set)."""

from __future__ import annotations

from gateway.validate.run import Run, Scope


def check_labels(run: Run, scope: Scope) -> None:
    """Tell a security label the resource has already."""
    meta = scope.resource.get("meta")
    labels = meta.get("security") if isinstance(meta, dict) else None
    if not isinstance(labels, list):
        return
    above = ((scope.place, "meta", "meta"), "security", "security")
    seen: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        if not isinstance(label, dict) or not isinstance(label.get("code"), str):
            continue
        key = (str(label.get("system")), label["code"])
        if key in seen:
            run.tell((above, index, f"[{index}]"), "security-label-twice")
        seen.add(key)
