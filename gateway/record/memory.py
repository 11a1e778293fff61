"""PORT memory: the teams, plans and reports each software has told us of, sealed under their patient's key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

import orjson
from sqlalchemy import Select, bindparam, select

from gateway.model import form
from gateway.model.known import Known, KnownPlan, KnownReport, KnownTeam
from gateway.record.contents import Keyring
from gateway.record.lately import Lately, Where
from gateway.record.schema import known, vault_keys
from gateway.record.transaction import Transaction

T = TypeVar("T")
_NOTHING = Known()


def _asking(*by: str) -> Select[Any]:
    """Values with the wrapped key of their patient, by some of the columns; ordered where one does not say which."""
    key = (vault_keys.c.tenant == known.c.tenant) & (vault_keys.c.owner == known.c.patient)
    wanted = select(known.c.id, known.c.patient, known.c.sealed, vault_keys.c.wrapped)
    return wanted.join(vault_keys, key).where(*(known.c[name] == bindparam(name) for name in by)).order_by(known.c.id)


# Built once: these are on the way of every event.
_ONE = _asking("tenant", "client", "kind", "id")
_HELD = _ONE.with_for_update(key_share=True, of=known)
_ALL = _asking("tenant", "client", "kind", "patient")


class Told:
    """What one software of a tenant has told us."""

    def __init__(self, transaction: Transaction, keyring: Keyring, lately: Lately, tenant: str, client: str) -> None:
        self._transaction, self._keyring, self._lately = transaction, keyring, lately
        self._tenant, self._client = tenant, client

    def team(self, id: str) -> KnownTeam | None:
        """The team with that id, open or closed."""
        return next(self._find(KnownTeam, "team", id=id), None)

    def plan(self, id: str) -> KnownPlan | None:
        """The plan with that id."""
        return next(self._find(KnownPlan, "plan", id=id), None)

    def report(self, id: str) -> KnownReport | None:
        """The report with that id, replaced and cancelled ones too."""
        return next(self._find(KnownReport, "report", id=id), None)

    def teams_of(self, patient: str) -> tuple[KnownTeam, ...]:
        """Every open team of a patient (a handle), by id."""
        teams = self._find(KnownTeam, "team", patient=patient)
        return tuple(one for one in teams if one.team.open)

    def reports_of(self, patient: str) -> tuple[str, ...]:
        """The id of every report of a patient, by id."""
        return tuple(one.id for one in self._find(KnownReport, "report", patient=patient))

    def ahead(self, kind: str, id: str) -> None:
        """Say that the team, plan or report with that id will be asked for (Transaction.ahead)."""
        whose = self._whose(kind)
        if not self._transaction.awaits(known, **whose, id=id):
            self._transaction.ahead(_HELD, whose | {"id": id})

    def _whose(self, kind: str) -> dict[str, str]:
        return {"tenant": self._tenant, "client": self._client, "kind": kind}

    def _find(self, form_of: type[T], kind: str, **by: str) -> Iterator[T]:
        wanted = _ALL if "patient" in by else _HELD if self._transaction.writing else _ONE
        asked = self._whose(kind) | by
        if self._transaction.awaits(known, **asked):
            self._transaction.settle()
        for id, patient, sealed, wrapped in self._transaction.find(wanted, asked):
            self._keyring.learn(self._tenant, patient, wrapped)
            where = (self._tenant, self._client, kind, id)
            value = self._lately.find(where, sealed)
            if value is None:
                opened = self._keyring.open(self._tenant, patient, _name(kind, self._client, id), sealed)
                value = form.read(form_of, orjson.loads(opened))
                self._lately.keep(where, sealed, value)
            yield value


class Memory:
    """Read, count the event (`model.known.after`), remember: in one unit, nobody else can change it in between."""

    def __init__(self, transaction: Transaction, keyring: Keyring, lately: Lately) -> None:
        self._transaction, self._keyring, self._lately = transaction, keyring, lately

    def of(self, tenant: str, client: str) -> Told:
        """The memory of what one software told."""
        return Told(self._transaction, self._keyring, self._lately, tenant, client)

    def remember(self, tenant: str, client: str, what: Known, before: Known = _NOTHING) -> form.Tree:
        """Keep the team, plan and reports as they stand, and give them as one tree; what is None is left alone.

        before  what was just read from here: of that, what has not changed is not written again
        """
        tree = form.write(what)
        if what.team and what.team is not before.team:
            self._keep((tenant, client, "team", what.team.team.id), what.team, tree["team"])
        if what.plan and what.plan is not before.plan:
            self._keep((tenant, client, "plan", what.plan.plan.id), what.plan, tree["plan"])
        if what.report and what.report is not before.report:
            self._keep((tenant, client, "report", what.report.id), what.report, tree["report"])
        if what.replaced and what.replaced is not before.replaced:
            self._keep((tenant, client, "report", what.replaced.id), what.replaced, tree["replaced"])
        return tree

    def _keep(self, where: Where, value: KnownTeam | KnownPlan | KnownReport, tree: form.Tree) -> None:
        tenant, client, kind, id = where
        sealed = self._keyring.seal(tenant, value.patient, _name(kind, client, id), orjson.dumps(tree))
        whose = {"tenant": tenant, "client": client, "kind": kind, "id": id}
        self._transaction.replace_later(known, {**whose, "patient": value.patient, "sealed": sealed})
        self._lately.keep(where, sealed, value)


def _name(kind: str, client: str, id: str) -> str:
    return json.dumps([kind, client, id])
