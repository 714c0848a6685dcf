"""What the archive's own articles taught of the rarity of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime, Words

revision = "0002_rarities"
down_revision = "0001_first"


def upgrade() -> None:
    op.create_table(
        "rarities",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author", Words, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("since", UtcTime, nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rarities")),
    )
