"""What is overwritten in the index of the search before it is deleted goes from it properly"""

from alembic import op

from mediation.record.findable import TRIGGERS

revision = "erasing"
down_revision = "genuine"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, statement in TRIGGERS.items():
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
            op.execute(statement)


def downgrade() -> None:
    """The triggers do what they did; the new one does no harm."""
