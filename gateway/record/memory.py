"""PORT memory: the teams and plans each software has told us of, sealed under their patient's key."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from gateway.model import form
from gateway.model.known import Known, KnownPlan, KnownTeam
from gateway.record.contents import Keyring
from gateway.record.schema import known
from gateway.record.transaction import Transaction


class Told:
    """What one software of a tenant has told us."""

    def __init__(self, transaction: Transaction, keyring: Keyring, tenant: str, client: str) -> None:
        self._transaction, self._keyring = transaction, keyring
        self._tenant, self._client = tenant, client

    def team(self, id: str) -> KnownTeam | None:
        """The team with that id, open or closed."""
        row = self._row("team", id)
        return form.read(KnownTeam, self._tree(row)) if row else None

    def plan(self, id: str) -> KnownPlan | None:
        """The plan with that id."""
        row = self._row("plan", id)
        return form.read(KnownPlan, self._tree(row)) if row else None

    def teams_of(self, patient: str) -> tuple[KnownTeam, ...]:
        """Every open team of a patient (a handle), by id."""
        wanted = select(known).where(
            known.c.tenant == self._tenant, known.c.client == self._client, known.c.patient == patient
        )
        rows = self._transaction.all(wanted.where(known.c.kind == "team").order_by(known.c.id))
        teams = (form.read(KnownTeam, self._tree(row)) for row in rows)
        return tuple(one for one in teams if one.team.status != "inactive" and not one.team.closed_reason)

    def _row(self, kind: str, id: str) -> Row[Any] | None:
        wanted = select(known).where(
            known.c.tenant == self._tenant, known.c.client == self._client, known.c.kind == kind, known.c.id == id
        )
        return self._transaction.first(self._transaction.locking(wanted))

    def _tree(self, row: Row[Any]) -> form.Tree:
        name = _name(row.kind, row.client, row.id)
        return json.loads(self._keyring.open(row.tenant, row.patient, name, row.sealed))


class Memory:
    """Read, count the event (`model.known.after`), remember: in one unit, nobody else can change it in between."""

    def __init__(self, transaction: Transaction, keyring: Keyring) -> None:
        self._transaction, self._keyring = transaction, keyring

    def of(self, tenant: str, client: str) -> Told:
        """The memory of what one software told."""
        return Told(self._transaction, self._keyring, tenant, client)

    def remember(self, tenant: str, client: str, what: Known) -> None:
        """Keep this team and this plan as they stand; what is None is left alone."""
        if what.team:
            self._keep(tenant, client, "team", what.team.team.id, what.team)
        if what.plan:
            self._keep(tenant, client, "plan", what.plan.plan.id, what.plan)

    def _keep(self, tenant: str, client: str, kind: str, id: str, value: KnownTeam | KnownPlan) -> None:
        tree = json.dumps(form.write(value), ensure_ascii=False, separators=(",", ":")).encode()
        key = {"tenant": tenant, "client": client, "kind": kind, "id": id}
        sealed = self._keyring.seal(tenant, value.patient, _name(kind, client, id), tree)
        rest = {"patient": value.patient, "sealed": sealed}
        same = [known.c[name] == part for name, part in key.items()]
        if self._transaction.write(known.update().where(*same).values(rest)).rowcount == 0:
            self._transaction.write(known.insert().values(key | rest))


def _name(kind: str, client: str, id: str) -> str:
    return json.dumps([kind, client, id])
