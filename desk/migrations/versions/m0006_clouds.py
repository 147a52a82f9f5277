"""Remember which of several clouds a command is about."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is there is about the only cloud."""
    op.add_column(
        "command",
        sa.Column("cloud", sa.String(length=64), server_default="", nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("command", "cloud")
