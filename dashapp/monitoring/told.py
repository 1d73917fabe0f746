"""What the monitor tells beyond its figures: alerts with their causes, forecasts, anomalies, advice, milestones, drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


class LinkKind(StrEnum):
    """What a link leads to; `id` of a page is its path."""

    RUN = "run"
    MODEL = "model"
    DATASET = "dataset"
    ALERT = "alert"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Link:
    kind: LinkKind
    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Cause:
    """The probable cause in one sentence, what speaks for it, and where to look."""

    words: str
    evidence: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """`about` tells alerts of one rule apart (a host, a run, a model; may be empty). It stands until `resolved_at`."""

    id: str
    rule: str
    about: str
    severity: Severity
    message: str
    raised_at: datetime
    value: float | None = None
    threshold: float | None = None
    cause: Cause | None = None
    resolved_at: datetime | None = None
    resolved_message: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    muted_until: datetime | None = None

    @property
    def is_standing(self) -> bool:
        return self.resolved_at is None


@dataclass(frozen=True, slots=True)
class Mute:
    """No message is sent for alerts of `rule` before `until`; they are shown all the same."""

    rule: str
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """`low` to `high` holds the truth four times out of five."""

    at: datetime
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Reach:
    """When a limit will be reached: at `at`, between `earliest` and `latest` four times out of five (None: not within the horizon)."""

    limit: float
    at: datetime
    earliest: datetime
    latest: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """`coverage` is the share of past values that bands made in the same way held, None where there is too little history for a test;
    with no `points` there is too little history for a forecast, and `words` says so."""

    metric: str
    unit: str
    points: tuple[ForecastPoint, ...]
    coverage: float | None
    words: str
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """`metric` was at most at `value` between `since` and `until`, where `low` to `high` is usual at that time of the week."""

    metric: str
    since: datetime
    until: datetime
    value: float
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`setting` is the variable that cures it, or empty where it is something else."""

    code: str
    words: str
    evidence: tuple[str, ...]
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    name: str
    at: datetime
    message: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How far a column's live values are from those of the training: `effect` from 0 (the same law) to 1 (nothing in common) with its
    interval, and whether that is drift. Shares of rows from 0 to 1; those of the training where it is said."""

    column: str
    kind: str
    effect: float
    low: float
    high: float
    is_drifting: bool
    missing_share: float
    training_missing_share: float
    unseen_share: float
    out_of_range_share: float
    words: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Of `rows` kept predictions of a version between two times; `prediction` is that of the answers themselves. With `is_enough` False
    there were too few rows for a verdict."""

    model_id: str
    version: int
    since: datetime
    until: datetime
    rows: int
    columns: tuple[ColumnDrift, ...]
    prediction: ColumnDrift | None
    is_enough: bool
    words: str

    @property
    def drifting(self) -> tuple[ColumnDrift, ...]:
        found = (*self.columns, *([] if self.prediction is None else [self.prediction]))
        return tuple(each for each in found if each.is_drifting)
