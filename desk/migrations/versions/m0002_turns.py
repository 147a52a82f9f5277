"""Let commands take turns on a resource, note callbacks, and pace what is told."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; rows that are under way go on without a turn."""
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("called_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("woken_at", sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f("ix_command_turn"), ["turn"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_command_called_at"), ["called_at"], unique=False
        )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "is_progress", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        batch_op.add_column(sa.Column("progress_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("tried_at", sa.Float(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_message_progress_at"), ["progress_at"], unique=False
        )
    # When progress was told, counted over all replicas; there to be locked.
    op.execute("INSERT INTO fact (name, value) VALUES ('progress', '[]')")


def downgrade() -> None:
    """Drop them."""
    op.execute("DELETE FROM fact WHERE name = 'progress'")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_progress_at"))
        batch_op.drop_column("tried_at")
        batch_op.drop_column("progress_at")
        batch_op.drop_column("is_progress")
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_command_called_at"))
        batch_op.drop_index(batch_op.f("ix_command_turn"))
        batch_op.drop_column("woken_at")
        batch_op.drop_column("called_at")
        batch_op.drop_column("turn")
