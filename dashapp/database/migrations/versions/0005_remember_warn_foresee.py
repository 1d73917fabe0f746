"""roll-ups, latencies, alerts and their deliveries, drift, milestones"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("requests", sa.Column("latencies", sa.JSON))
    op.add_column("requests", sa.Column("failures", sa.JSON))
    op.create_index("events_by_time", "events", ["at"])
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("metric", sa.String(64), nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.UniqueConstraint("metric", "host"),
    )
    op.create_table(
        "rollups",
        sa.Column("series_id", sa.Integer, primary_key=True),
        sa.Column("resolution", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, primary_key=True),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("mean", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latencies",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("resolution", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("sketch", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )
    _create_alerts()
    op.create_table(
        "drift_references",
        sa.Column("model_id", sa.String(32), primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_table(
        "drift_windows",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model_id", sa.String(32), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("drift_windows_by_model", "drift_windows", ["model_id", "at"])
    op.create_table(
        "milestones",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("subject", sa.JSON, nullable=False),
    )


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("rule", sa.String(48), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("threshold", sa.Float),
        sa.Column("cause", sa.JSON),
        sa.Column("raised_at", sa.Float, nullable=False),
        sa.Column("resolved_at", sa.Float),
        sa.Column("resolved_message", sa.Text),
        sa.Column("acknowledged_at", sa.Float),
        sa.Column("acknowledged_by", sa.Text, nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_end", "alerts", ["resolved_at", "id"])
    op.create_index("alerts_by_rule", "alerts", ["rule", "about", "id"])
    op.create_table(
        "alert_mutes",
        sa.Column("rule", sa.String(48), primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("by", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alert_id", sa.Integer, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("delivered_at", sa.Float),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("alert_id", "action", "channel"),
        sqlite_autoincrement=True,
    )
    op.create_index("alert_deliveries_by_time", "alert_deliveries", ["delivered_at", "next_at"])
