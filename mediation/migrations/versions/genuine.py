"""What the page that checks documents looks for, found without reading whole tables"""

from alembic import op

revision = "genuine"
down_revision = "receipts"

COLUMNS = (
    ("outcomes", "agreement_id"),
    ("outcomes", "digest"),
    ("outcomes", "certificate_sha256"),
    ("files", "blob"),
    ("exports", "sha256"),
    ("recordings", "film_sha256"),
    ("recorded_tracks", "sha256"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
