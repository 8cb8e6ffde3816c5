"""What people quietly tell the mediator and the clerk"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "concerns"
down_revision = "sending"


def upgrade() -> None:
    op.create_table(
        "concerns",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("about_id", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("handled_by", sa.String(length=64), nullable=True),
        sa.Column("handled_at", IsoTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('unsafe', 'report')", name=op.f("ck_concerns_kind")),
        sa.CheckConstraint("state IN ('open', 'taken', 'closed')", name=op.f("ck_concerns_state")),
        sa.ForeignKeyConstraint(["by_id"], ["persons.id"], name=op.f("fk_concerns_by_id_persons")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_concerns_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
    )
    op.create_index(op.f("ix_concerns_room_id"), "concerns", ["room_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_concerns_room_id"), "concerns")
    op.drop_table("concerns")
