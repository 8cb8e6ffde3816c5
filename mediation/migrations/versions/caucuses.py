"""How caucuses stand, and who was called into them or taken along"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "caucuses"
down_revision = "concerns"


def upgrade() -> None:
    op.create_table(
        "caucuses",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("begun_at", IsoTime(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("ends_at", IsoTime(), nullable=True),
        sa.CheckConstraint("form IN ('caucus', 'alone', 'bench')", name=op.f("ck_caucuses_form")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_caucuses_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_caucuses")),
    )
    op.create_table(
        "caucus_guests",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("called_by", sa.String(length=64), nullable=True),
        sa.Column("rings_until", IsoTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('called', 'declined', 'missed', 'inside', 'outside')",
            name=op.f("ck_caucus_guests_state"),
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["caucuses.channel_id"], name=op.f("fk_caucus_guests_channel_id_caucuses")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_caucus_guests_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("channel_id", "person_id", name=op.f("pk_caucus_guests")),
    )
    op.create_index(op.f("ix_caucus_guests_person_id"), "caucus_guests", ["person_id"])
    _take_over()


def _take_over() -> None:
    """Until now whoever was a member of a caucus that was on was inside it."""
    op.execute(
        "INSERT INTO caucuses (channel_id, form, opened_by, begun_at, locked) "
        "SELECT c.id, 'caucus', coalesce((SELECT p.person_id FROM parties p JOIN rooms r ON r.case_id = p.case_id "
        "JOIN members m ON m.channel_id = c.id AND m.person_id = p.person_id "
        "WHERE r.id = c.room_id AND p.standing = 'mediator' ORDER BY p.person_id LIMIT 1), ''), c.opened_at, FALSE "
        "FROM channels c WHERE c.kind = 'caucus'"
    )
    op.execute(
        "INSERT INTO caucus_guests (channel_id, person_id, state) "
        "SELECT m.channel_id, m.person_id, CASE WHEN c.closed_at IS NULL THEN 'inside' ELSE 'outside' END "
        "FROM members m JOIN channels c ON c.id = m.channel_id WHERE c.kind = 'caucus'"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_caucus_guests_person_id"), table_name="caucus_guests")
    op.drop_table("caucus_guests")
    op.drop_table("caucuses")
