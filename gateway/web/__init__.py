"""web: the pages, for people. `create_site(gateway, limits=…, secure=…)` is the HTTP door with the pages at `/`."""

from __future__ import annotations

from gateway.web.site import create_site

__all__ = ["create_site"]
