"""Which job is next: of those due for the longest time, one that stands first in its lane and that nobody holds.

Nearly always it is among the first few that are due. When it is not, as behind a long lane whose head is under way,
each lane is asked for its head, from one to the next along an index: what stands behind a head is never looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select

from gateway.record.lease import is_over
from gateway.record.schema import jobs

FEW = 50


@lru_cache
def next_of(dialect: str) -> tuple[Select[Any], Select[Any]]:
    """The two questions, in the order they are asked; parameters `kind` and `now`."""
    return _among_few(dialect), _among_heads(dialect)


def _among_few(dialect: str) -> Select[Any]:
    few = jobs.alias("few")
    first = select(few.c.id).where(few.c.kind == bindparam("kind"), few.c.due <= bindparam("now"))
    earlier = jobs.alias("earlier")
    blocked = exists().where(
        earlier.c.kind == jobs.c.kind,
        earlier.c.tenant == jobs.c.tenant,
        earlier.c.lane == jobs.c.lane,
        earlier.c.id < jobs.c.id,
    )
    among = jobs.c.id.in_(first.order_by(few.c.due, few.c.id).limit(FEW).scalar_subquery())
    return _longest_due(select(jobs).where(among, ~blocked), dialect)


def _among_heads(dialect: str) -> Select[Any]:
    one, here, lane, tenant = (jobs.alias(name) for name in ("one", "here", "lane", "tenant"))
    start = select(one.c.id).where(one.c.kind == bindparam("kind")).order_by(one.c.tenant, one.c.lane, one.c.id)
    heads = select(start.limit(1).scalar_subquery().label("id")).cte("heads", recursive=True)
    next_lane = (
        select(lane.c.id)
        .where(lane.c.kind == bindparam("kind"), lane.c.tenant == here.c.tenant, lane.c.lane > here.c.lane)
        .order_by(lane.c.lane, lane.c.id)
    )
    next_tenant = (
        select(tenant.c.id)
        .where(tenant.c.kind == bindparam("kind"), tenant.c.tenant > here.c.tenant)
        .order_by(tenant.c.tenant, tenant.c.lane, tenant.c.id)
    )  # one after the other: SQLite looks up no pair of columns in an index
    following = func.coalesce(*(each.limit(1).correlate(here).scalar_subquery() for each in (next_lane, next_tenant)))
    heads = heads.union_all(select(following).select_from(heads.join(here, here.c.id == heads.c.id)))
    due = jobs.c.due <= bindparam("now")
    return _longest_due(select(jobs).join_from(jobs, heads, jobs.c.id == heads.c.id).where(due), dialect)


def _longest_due(wanted: Select[Any], dialect: str) -> Select[Any]:
    free = or_(jobs.c.lease_until.is_(None), is_over(jobs.c.lease_until, dialect))
    first = wanted.where(free).order_by(jobs.c.due, jobs.c.id).limit(1)
    return first.with_for_update(skip_locked=True, key_share=True, of=jobs)
