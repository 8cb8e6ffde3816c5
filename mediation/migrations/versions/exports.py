"""Exports"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime, JsonText

revision = "exports"
down_revision = "searching"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=True),
        sa.Column("chosen", JsonText(), nullable=False),
        sa.Column("asked_at", IsoTime(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("ready_at", IsoTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_exports_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exports_case_id"), ["case_id"], unique=False)
