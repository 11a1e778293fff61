"""What is wrong with an exchange that is held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Give exchanges their detail."""
    op.add_column("exchanges", sa.Column("detail", sa.Text(), nullable=True))
