"""What the machines last said of the time."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from gateway.record.columns import Moment, Place
from gateway.record.schema.metadata import metadata

clocks = Table(
    "clocks",
    metadata,
    Column("boot", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("uptime", Place, nullable=False),  # microseconds
    PrimaryKeyConstraint("boot"),
)
