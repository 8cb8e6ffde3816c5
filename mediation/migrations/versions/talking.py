"""Mentions, pinned notices, and what messages are relied on"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "talking"
down_revision = "house_rules"


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "person_id", "seq", name=op.f("pk_mentions")),
    )
    op.create_table(
        "reliances",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("since", IsoTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "seq", "why", name=op.f("pk_reliances")),
    )
    op.create_table(
        "notices",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("pinned_at", IsoTime(), nullable=False),
        sa.Column("unpinned_at", IsoTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel_id", "seq", name=op.f("pk_notices")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "seq", "person_id", name=op.f("pk_acknowledgements")),
    )


def downgrade() -> None:
    for table in ("acknowledgements", "notices", "reliances", "mentions"):
        op.drop_table(table)
