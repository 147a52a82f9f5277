"""Keep what the one-time page takes with its command, until that ends."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sealed column, and what a ticket is for."""
    op.add_column("command", sa.Column("secrets_sealed", sa.Text(), nullable=True))
    op.add_column(
        "ticket",
        sa.Column("kind", sa.String(16), server_default="login", nullable=False),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_column("ticket", "kind")
    op.drop_column("command", "secrets_sealed")
