"""web: the pages, for people. `create_site(gateway, limits=…, secure=…)` is the HTTP door with the pages at `/`."""
