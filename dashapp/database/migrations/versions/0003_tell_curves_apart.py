"""tell the trials of a candidate apart, and keep what its trainer uses"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("curves", sa.Column("trial", sa.Integer, nullable=False, server_default="1"))
    op.add_column("curves", sa.Column("fold", sa.Integer, nullable=False, server_default="1"))
    op.add_column("curves", sa.Column("elapsed_s", sa.Float, nullable=False, server_default="0"))
    op.create_table(
        "trainer_resources",
        sa.Column("run_id", sa.String(32), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("elapsed_s", sa.Float, nullable=False),
        sa.Column("cpu_share", sa.Float, nullable=False),
        sa.Column("memory_bytes", sa.BigInteger, nullable=False),
    )
