"""What the answers hold, as types: made of the same values as the documents of `application.documents`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, create_model

from dashapp.application.overview import METRICS, RESOURCES
from dashapp.application.performance import VersionPerformance
from dashapp.datasets.dataset import ColumnProfile, Dataset, Dialect, Finding, TargetProposal
from dashapp.datasets.quality.checks import Check as QualityCheck
from dashapp.events.fact import Event
from dashapp.models.model import Artifact, Check, Deployment, Gate, ModelVersion
from dashapp.monitoring.alert_outbox import Delivery
from dashapp.monitoring.alert_rules import Rule
from dashapp.monitoring.health import ServiceHealth
from dashapp.monitoring.processes import ProcessUse
from dashapp.monitoring.told import Advice, Alert, Anomaly, Drift, Forecast, Milestone
from dashapp.serving.ledger.kept import Challenger, Comparison, KeptPrediction, LiveScore, Replayed
from dashapp.training.result import Explanation, RowReasons
from dashapp.training.run import CurvePoint, ResourcePoint, Run, StageProgress, TrainingPlan


def shape(name: str, *bases: type, without: tuple[str, ...] = (), **more: Any) -> type[BaseModel]:
    """The members of the dataclasses `bases`, but for some, and `more` of them; those in `more` win."""
    members: dict[str, Any] = {}
    for base in bases:
        hints = get_type_hints(base)
        members |= {each.name: hints[each.name] for each in fields(base) if each.name not in without}
    definitions: dict[str, Any] = {member: (kind, ...) for member, kind in (members | more).items()}
    return create_model(name, **definitions)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """`low` and `high` are the least and the most of what `value` is the mean of."""

    at: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    metric: str
    timeframe: str
    points: list[TrendPoint]


@dataclass(frozen=True, slots=True)
class Processes:
    at: str | None
    processes: list[Any]
    total: int


@dataclass(frozen=True, slots=True)
class Trained:
    """A training that is over; `score` is the validation score of its best candidate, `accuracy` and `metrics` are of the test."""

    run_id: str
    dataset_name: str
    target: str
    state: str
    at: str
    duration_s: float | None
    budget_s: float
    stages: list[StageProgress]
    accuracy: float | None
    score_name: str
    score: float | None
    metrics: dict[str, float | None]
    candidate: str | None
    model_id: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What a version has predicted between two whole hours, and how its `judged` predictions did, with the 95 % interval."""

    version: int
    model_id: str | None
    made: int
    warned: int
    since: str
    until: str
    timed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    score_name: str | None
    score: float | None
    score_low: float | None
    score_high: float | None
    judged: int
    tested: float | None


@dataclass(frozen=True, slots=True)
class LiveName:
    id: str
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class RunsNow:
    total: int
    unfinished: list[str]


@dataclass(frozen=True, slots=True)
class Health:
    """`ready` is false where one of the services fails."""

    ready: bool
    headline: str
    services: list[ServiceHealth]


@dataclass(frozen=True, slots=True)
class ModelName:
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class RowWarning:
    code: str
    column: str
    message: str


_NUMBERED_POINT: Any = shape("NumberedCurvePoint", CurvePoint, number=int)
_NUMBERED_RESOURCES: Any = shape("NumberedResources", ResourcePoint, number=int)
_ARTIFACT: Any = shape("ArtifactFile", Artifact, without=("modified_ns",))
_RUN: dict[str, Any] = {"best": str | None, "is_cancelling": bool}
_GATE_CHECK: Any = shape("GateCheck", Check)
_MEASURED: Any = float | None
_PROCESS: Any = shape("Process", ProcessUse, without=("shared_bytes",))

SHAPES: dict[str, Any] = {
    "Dataset": shape(
        "Dataset", Dataset, without=("profile",),
        rows=int, columns=list[ColumnProfile], target=TargetProposal, warnings=list[Finding], dialect=Dialect, checks=list[QualityCheck],
    ),
    "TrainingPlan": TrainingPlan,
    "Run": shape("Run", Run, without=("is_cancel_requested", "is_best_kept"), **_RUN),
    "RunWithCurves": shape(
        "RunWithCurves", Run, without=("is_cancel_requested", "is_best_kept"), **_RUN,
        curves=list[_NUMBERED_POINT], curves_after=int, resources=list[_NUMBERED_RESOURCES], resources_after=int,
    ),
    "Model": shape("Model", ModelVersion, state=Literal["live", "ready", "damaged"], artifact=_ARTIFACT),
    "Explanation": Explanation,
    "RowReasons": RowReasons,
    "Deployment": shape("Deployment", Deployment, id=str, restores=str | None, checks=list[_GATE_CHECK]),
    "Gate": shape("Gate", Gate, checks=list[_GATE_CHECK]),
    "ModelName": ModelName,
    "KeptPrediction": KeptPrediction,
    "LiveScore": LiveScore,
    "Drift": Drift,
    "VersionPerformance": VersionPerformance,
    "Replayed": Replayed,
    "Challenging": shape("Challenging", challenger=Challenger | None, comparison=Comparison | None),
    "RowWarning": RowWarning,
    "Health": Health,
    "Status": shape(
        "Status", at=str | None, **dict.fromkeys(METRICS, _MEASURED), headline=str, live_model=LiveName | None, models=int, datasets=int,
        runs=RunsNow,
    ),
    "Resources": shape("Resources", at=str | None, **dict.fromkeys(RESOURCES, _MEASURED), cores=list[float | None]),
    "Processes": shape("Processes", Processes, processes=list[_PROCESS]),
    "Trained": Trained,
    "MadeBy": MadeBy,
    "Trend": Trend,
    "Event": shape("Event", Event),
    "Alert": shape("Alert", Alert, is_standing=bool),
    "AlertWithDeliveries": shape("AlertWithDeliveries", Alert, is_standing=bool, deliveries=list[Delivery]),
    "AlertRule": shape("AlertRule", Rule, without=("forgets_after_s", "every_s", "limit"), muted_until=datetime | None, muted_by=str),
    "Forecast": shape("Forecast", Forecast),
    "Anomaly": shape("Anomaly", Anomaly),
    "Advice": shape("Advice", Advice),
    "Milestone": shape("Milestone", Milestone),
}  # fmt: skip
"""By the name that they have among the components."""
