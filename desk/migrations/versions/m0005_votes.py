"""Let others approve of what somebody asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of what was said."""
    op.create_table(
        "vote",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("command_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.JSON(), nullable=False),
        sa.Column("approves", sa.Boolean(), nullable=False),
        sa.Column("cast_by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_vote_question"), "vote", ["question"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_vote_question"), table_name="vote")
    op.drop_table("vote")
