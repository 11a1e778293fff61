"""How tables are named and which migration they are made by."""

from __future__ import annotations

from sqlalchemy import MetaData

REVISION = "0006"
"""The migration this code was written for."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
