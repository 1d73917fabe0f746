"""The tables. A change here needs a migration beside it (`migrations/versions`); a test compares the two."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from dashapp.database.times import UtcTime

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("type", String(32), nullable=False),
    Column("subject", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index("events_by_type", "type", "id"),
    Index("events_by_time", "at"),
    sqlite_autoincrement=True,  # an id is never given twice, even after the newest rows were deleted
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("bytes", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("document", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("dataset_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("pid", Integer),
    Column("pid_started", Float),
    Column("host", Text),
    Column("heartbeat_at", Float),
    Index("runs_by_state", "state", "created_at"),
)

curves = Table(
    "curves",
    metadata,
    Column("run_id", String(32), ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("candidate", Text, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("train_loss", Float),
    Column("validation_loss", Float),
    Column("validation_score", Float),
    Column("accuracy", Float),
    Column("trial", Integer, nullable=False, server_default="1"),
    Column("fold", Integer, nullable=False, server_default="1"),
    Column("elapsed_s", Float, nullable=False, server_default="0"),
)

trainer_resources = Table(
    "trainer_resources",
    metadata,
    Column("run_id", String(32), ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("elapsed_s", Float, nullable=False),
    Column("cpu_share", Float, nullable=False),
    Column("memory_bytes", BigInteger, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False, unique=True),
    Column("run_id", String(32), nullable=False),
    Column("dataset_id", String(32), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("document", JSON, nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("model_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("restores", Integer),
    Column("by", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("replaced", Integer),
    Column("checks", JSON),
    Index("deployments_by_model", "model_id", "id"),
    sqlite_autoincrement=True,
)

challengers = Table(
    "challengers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("model_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    sqlite_autoincrement=True,
)

predictions = Table(
    "predictions",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(48), nullable=False, unique=True),
    Column("at", Float, nullable=False),
    Column("model_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", String(16), nullable=False),
    Column("inputs", Text, nullable=False),
    Column("prediction", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("ms", Float, nullable=False),
    Column("share", Float, nullable=False),
    Column("challenger_version", Integer),
    Column("challenger", Text),
    Column("bytes", Integer, nullable=False),
    Index("predictions_by_time", "at"),
    Index("predictions_by_version", "version", "number"),
    sqlite_autoincrement=True,
)

prediction_counts = Table(
    "prediction_counts",
    metadata,
    Column("hour", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("made", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("warned", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

prediction_spools = Table(
    "prediction_spools",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("moved", BigInteger, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("prediction_id", String(48), primary_key=True),
    Column("actual", Text, nullable=False),
    Column("at", Float, nullable=False),
)

samples = Table(
    "samples",
    metadata,
    Column("at", Float, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("metrics", JSON, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("at", Float, primary_key=True),
    Column("worker", Text, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("total_ms", Float, nullable=False),
    Column("max_ms", Float, nullable=False),
    Column("predictions", Integer, nullable=False),
    Column("latencies", JSON),
    Column("failures", JSON),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("metric", String(64), nullable=False),
    Column("host", Text, nullable=False),
    UniqueConstraint("metric", "host"),
)

rollups = Table(
    "rollups",
    metadata,
    Column("series_id", Integer, primary_key=True),
    Column("resolution", Integer, primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("low", Float, nullable=False),
    Column("mean", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

latencies = Table(
    "latencies",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("resolution", Integer, primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("sketch", JSON, nullable=False),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("rule", String(48), nullable=False),
    Column("about", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("value", Float),
    Column("threshold", Float),
    Column("cause", JSON),
    Column("raised_at", Float, nullable=False),
    Column("resolved_at", Float),
    Column("resolved_message", Text),
    Column("acknowledged_at", Float),
    Column("acknowledged_by", Text, nullable=False, server_default=""),
    Index("alerts_by_end", "resolved_at", "id"),
    Index("alerts_by_rule", "rule", "about", "id"),
    sqlite_autoincrement=True,
)

alert_mutes = Table(
    "alert_mutes",
    metadata,
    Column("rule", String(48), primary_key=True),
    Column("until", Float, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert_id", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Float, nullable=False),
    Column("delivered_at", Float),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("alert_id", "action", "channel"),
    Index("alert_deliveries_by_time", "delivered_at", "next_at"),
    sqlite_autoincrement=True,
)

drift_references = Table(
    "drift_references", metadata, Column("model_id", String(32), primary_key=True), Column("document", JSON, nullable=False)
)

drift_windows = Table(
    "drift_windows",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("model_id", String(32), nullable=False),
    Column("at", Float, nullable=False),
    Column("document", JSON, nullable=False),
    Index("drift_windows_by_model", "model_id", "at"),
    sqlite_autoincrement=True,
)

milestones = Table(
    "milestones",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("subject", JSON, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
)
