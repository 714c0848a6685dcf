"""When a development goes quiet, and how many reports a storyline gets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime

revision = "0007_developments"
down_revision = "0006_telling"


def upgrade() -> None:
    op.add_column("developments", sa.Column("quiet_at", UtcTime, nullable=True))
    op.create_index(op.f("ix_developments_quiet_at"), "developments", ["quiet_at"])
    op.create_table(
        "paces",
        sa.Column("storyline", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("storyline", name=op.f("pk_paces")),
    )
