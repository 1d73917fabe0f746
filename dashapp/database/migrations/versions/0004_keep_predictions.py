"""keep predictions, what turned out to be true, challengers, and why a model was deployed"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "predictions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(48), nullable=False, unique=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("model_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("prediction", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("ms", sa.Float, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("challenger_version", sa.Integer),
        sa.Column("challenger", sa.Text),
        sa.Column("bytes", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("predictions_by_time", "predictions", ["at"])
    op.create_index("predictions_by_version", "predictions", ["version", "number"])
    op.create_table(
        "prediction_counts",
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.BigInteger, nullable=False),
        sa.Column("warned", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "prediction_spools",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("moved", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("prediction_id", sa.String(48), primary_key=True),
        sa.Column("actual", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "challengers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sqlite_autoincrement=True,
    )
    op.add_column("deployments", sa.Column("by", sa.Text, nullable=False, server_default=""))
    op.add_column("deployments", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("deployments", sa.Column("replaced", sa.Integer))
    op.add_column("deployments", sa.Column("checks", sa.JSON))
