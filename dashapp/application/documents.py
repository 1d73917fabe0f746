"""The JSON documents that clients read: field names as the HTTP contract fixes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from typing import Any

from dashapp.database.times import iso
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.datasets.quality.checks import quality_report
from dashapp.events.fact import Event, EventSearch, FoundEvents
from dashapp.models.model import Deployment, Gate, ModelVersion
from dashapp.monitoring.told import Alert
from dashapp.training.result import Explanation, RowReasons
from dashapp.training.run import Run, TrainingPlan


def _time(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def dataset_document(dataset: Dataset) -> dict[str, Any]:
    profile = dataset.profile
    return {
        "id": dataset.id,
        "name": dataset.name,
        "state": dataset.state.value,
        "error": dataset.error,
        "rows": profile.rows,
        "bytes": dataset.bytes,
        "sha256": dataset.sha256,
        "created_at": iso(dataset.created_at),
        "uploading_s": dataset.uploading_s,
        "validating_s": dataset.validating_s,
        "columns": [asdict(column) for column in profile.columns],
        "target": asdict(profile.target),
        "warnings": [asdict(finding) for finding in profile.warnings],
        "dialect": asdict(profile.dialect),
        "reading": asdict(dataset.reading),
        "checks": [asdict(check) for check in quality_report(profile, dataset.reading)] if dataset.state is DatasetState.READY else [],
    }


def run_document(
    run: Run, points: Sequence[Mapping[str, Any]] | None = None, resources: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """A run; with `points` also its curves, with `resources` also what its trainer used, each with the number of the last one."""
    document = asdict(run)
    for name in ("is_cancel_requested", "is_best_kept"):
        del document[name]
    document |= {name: _time(getattr(run, name)) for name in ("created_at", "started_at", "ended_at")}
    document["best"] = next((candidate.name for candidate in run.candidates if candidate.is_best), None)
    document["is_cancelling"] = run.is_cancel_requested and not run.state.is_finished
    for name, rows in (("curves", points), ("resources", resources)):
        if rows is not None:
            document[name] = [dict(row) for row in rows]
            document[f"{name}_after"] = rows[-1]["number"] if rows else 0
    return document


def plan_document(plan: TrainingPlan) -> dict[str, Any]:
    return asdict(plan)


def model_document(model: ModelVersion, state: str) -> dict[str, Any]:
    """`state` is `live`, `ready` or `damaged`."""
    document = asdict(model)
    document["created_at"] = iso(model.created_at)
    document["state"] = state
    document["artifact"] = {"file": model.artifact.file, "sha256": model.artifact.sha256, "bytes": model.artifact.bytes}
    return document


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    return asdict(explanation)


def reasons_document(reasons: RowReasons) -> dict[str, Any]:
    return asdict(reasons)


def deployment_document(deployment: Deployment) -> dict[str, Any]:
    restores = None if deployment.restores is None else str(deployment.restores)
    return asdict(deployment) | {"id": str(deployment.id), "at": iso(deployment.at), "restores": restores}


def gate_document(gate: Gate) -> dict[str, Any]:
    return asdict(gate)


def event_document(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": iso(event.at),
        "type": event.type.value,
        "subject": dict(event.subject),
        "message": event.message,
        "data": dict(event.data),
    }


def alert_document(alert: Alert) -> dict[str, Any]:
    times = ("raised_at", "resolved_at", "acknowledged_at", "muted_until")
    return asdict(alert) | {name: _time(getattr(alert, name)) for name in times} | {"is_standing": alert.is_standing}


def told_document(value: Any) -> Any:
    """A value of `monitoring/told.py` as JSON has it."""
    if isinstance(value, datetime):
        return iso(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: told_document(getattr(value, each.name)) for each in fields(value)}
    return [told_document(each) for each in value] if isinstance(value, list | tuple) else value


def found_events_document(search: EventSearch, found: FoundEvents, total: int) -> dict[str, Any]:
    """`total` counts all events of these types."""
    return {
        "events": [event_document(event) for event in found.events],
        "total": total,
        "next_before": found.next_id if search.newest_first else None,
        "next_after": None if search.newest_first else found.next_id,
    }
