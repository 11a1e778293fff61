"""The index of commands: `passerelle --help`."""

from __future__ import annotations

import typer

from gateway.cli import (
    audit,
    balance,
    cda,
    check,
    convert,
    exchange,
    inspect,
    key,
    operate,
    profiles,
    run,
    steering,
    stuck,
    validate,
    xdm,
)

app = typer.Typer(
    name="passerelle",
    help="The gateway that lets French coordinated care work across software.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(convert.translate)
app.command()(convert.pack)
app.command()(convert.explain)
app.command()(inspect.inspect)
app.command()(validate.validate)
for running in run.COMMANDS:
    app.command()(running)
app.add_typer(cda.app, name="cda")
app.add_typer(xdm.app, name="xdm")
exchange.app.command("balance")(balance.balance)
exchange.app.command("stuck")(stuck.stuck)
for act in (steering.hold, steering.release, steering.retry, steering.cancel, steering.redirect, steering.settle):
    exchange.app.command()(act)
app.add_typer(exchange.app, name="exchange")
app.add_typer(audit.app, name="audit")
app.add_typer(key.app, name="key")
app.add_typer(profiles.app, name="profiles")
app.command()(operate.init)
app.add_typer(check.app, name="check")
app.add_typer(operate.db, name="db")
