"""key: API keys. A key is shown once, when it is made; only its digest is kept."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gateway.cli import options
from gateway.cli.actor import actor
from gateway.cli.output import show
from gateway.cli.tenants import open_tenant, tenants_of

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="The tenant, as named in the settings.")],
    client: Annotated[str, typer.Option(help="The software that will use the key.")],
    role: Annotated[Literal["vendor", "admin", "auditor", "dpo"], typer.Option(help="What the key may do.")],
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Make a key and show it: it cannot be shown again."""
    from gateway.journey.keys import create_key

    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    made = create_key(gateway, tenant, client, role, actor=actor())
    show(
        {"id": made.id, "key": made.secret, "tenant": tenant, "client": client, "role": role},
        as_json,
        [made.secret, f"id {made.id} — notez cette clé maintenant : elle ne sera plus montrée."],
    )


@app.command("list")
def list_(
    tenant: Annotated[str | None, typer.Option(help="Only that tenant's.")] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Every key by its id: whose it is, what it may do, whether it still opens."""
    from gateway.journey.view import stamp
    from gateway.wiring import open_gateway

    settings = options.require_settings(config)
    named = tenants_of(settings, tenant)
    with open_gateway(settings).store.glance() as unit:
        rows = [row for name in named for row in unit.keys.list(name)]
    answer = [
        {
            "id": row.id,
            "tenant": row.tenant,
            "client": row.client,
            "role": row.role,
            "created_at": stamp(row.created_at),
            "revoked_at": stamp(row.revoked_at),
        }
        for row in rows
    ]
    show(
        answer, as_json, [" ".join(str(value) for value in row.values() if value) for row in answer] or ["Aucune clé."]
    )


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The key's id.")],
    tenant: Annotated[str | None, typer.Option(help="Needed when the settings have several.")] = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Make a key open nothing any more, at once."""
    from gateway.journey.keys import revoke_key

    gateway, tenant = open_tenant(options.require_settings(config), tenant)
    revoke_key(gateway, tenant, id, actor=actor())
    show({"id": id, "revoked": True}, as_json, [f"{id}: révoquée"])
