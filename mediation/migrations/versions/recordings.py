"""Recordings, the answers to being recorded, and the files"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "recordings"
down_revision = "connections"


def upgrade() -> None:
    op.create_table(
        "recording_answers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("hearing_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hearing_id"], ["hearings.id"], name=op.f("fk_recording_answers_hearing_id_hearings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_answers")),
    )
    with op.batch_alter_table("recording_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_answers_hearing_id"), ["hearing_id"], unique=False)

    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("hearing_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", IsoTime(), nullable=False),
        sa.Column("started_at", IsoTime(), nullable=True),
        sa.Column("ended_at", IsoTime(), nullable=True),
        sa.Column("lost_at", IsoTime(), nullable=True),
        sa.Column("end_code", sa.String(length=24), nullable=True),
        sa.Column("film", sa.String(length=200), nullable=True),
        sa.Column("film_sha256", sa.String(length=64), nullable=True),
        sa.Column("film_size", sa.BigInteger(), nullable=True),
        sa.Column("film_state", sa.String(length=16), nullable=True),
        sa.Column("film_percent", sa.Integer(), nullable=True),
        sa.CheckConstraint("basis IN ('consent', 'order')", name=op.f("ck_recordings_basis")),
        sa.CheckConstraint(
            "state IN ('consent_pending', 'on', 'paused', 'failed', 'ended')",
            name=op.f("ck_recordings_state"),
        ),
        sa.ForeignKeyConstraint(
            ["hearing_id"], ["hearings.id"], name=op.f("fk_recordings_hearing_id_hearings")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_recordings_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_hearing_id"), ["hearing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recordings_room_id"), ["room_id"], unique=False)

    op.create_table(
        "recorded_tracks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("recording_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("sender_clock", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("kept_at", IsoTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_recorded_tracks_recording_id_recordings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_tracks")),
    )
    with op.batch_alter_table("recorded_tracks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recorded_tracks_recording_id"), ["recording_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("recorded_tracks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recorded_tracks_recording_id"))

    op.drop_table("recorded_tracks")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_room_id"))
        batch_op.drop_index(batch_op.f("ix_recordings_hearing_id"))

    op.drop_table("recordings")
    with op.batch_alter_table("recording_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_answers_hearing_id"))

    op.drop_table("recording_answers")
