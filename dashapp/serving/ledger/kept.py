"""The values of the prediction ledger: a kept prediction, what one may ask for, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Challenger:
    """The model that answers the live model's rows too, since `started_at`, without anybody seeing it."""

    model_id: str
    version: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ChallengerAnswer:
    """What the challenger would have said to the same row; the caller never saw it."""

    version: int
    prediction: str | float
    probabilities: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class KeptPrediction:
    """`number` grows with time. `ms` is what the whole request took; `share` the part of the predictions of its moment that was
    kept (1: all of them); `warnings` as the caller got them; `actual` what turned out to be true, None where nobody has said so yet."""

    number: int
    id: str
    at: datetime
    model_id: str
    version: int
    source: str
    inputs: Mapping[str, Any]
    prediction: str | float
    probabilities: Mapping[str, float] | None
    interval: tuple[float, float] | None
    warnings: tuple[Mapping[str, str], ...]
    ms: float
    share: float = 1.0
    actual: str | float | None = None
    challenger: ChallengerAnswer | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Which predictions are asked for; None and "" ask for nothing. `text` is looked for in the id, the inputs and the answer, without
    case; `before` is the `number` from which the last page ended."""

    text: str = ""
    version: int | None = None
    prediction: str = ""
    with_warnings: bool = False
    with_actual: bool = False
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """Newest first; `next_before` asks for the next page, None at the end. `made` and `kept` count all predictions of the versions and
    hours asked for, exactly: `kept` are still in the ledger, of `made` that were made, `warned` of them with warnings. A page may be
    shorter than asked for, even empty, where much had to be looked at: `next_before` goes on."""

    predictions: tuple[KeptPrediction, ...]
    next_before: int | None
    made: int
    kept: int
    warned: int = 0


@dataclass(frozen=True, slots=True)
class MadeByVersion:
    """How many predictions a version has made, `warned` of them with warnings, between two whole hours."""

    version: int
    made: int
    warned: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """Late truths that were written down, and the ids of predictions that are not (or no longer) in the ledger."""

    recorded: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveScore:
    """How a version does on the `n` predictions whose truth is known: `name` is "accuracy" or "RMSE", `low` to `high` its 95 %
    interval, `tested` the same measure on the test set."""

    version: int
    name: str
    value: float
    low: float
    high: float
    n: int
    tested: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept prediction beside what another version says now; `change` is the largest change of a probability, or that of the value."""

    kept: KeptPrediction
    prediction: str | float
    probabilities: Mapping[str, float] | None
    change: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """`n` kept rows answered once more by `version`: `same` had the same answer (the same label; a value within 1e-9), `refused` do
    not fit its schema; the largest `differences` first."""

    version: int
    n: int
    same: int
    refused: int
    mean_change: float
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The challenger beside the live model since `started_at`, on the newest `n` rows that both answered. `agreeing` gave the same label
    (or values within 1 % of each other); with truth known for `judged` of them, `live` and `challenger` are their scores there."""

    model_id: str
    version: int
    started_at: datetime
    n: int
    agreeing: int
    mean_change: float
    judged: int = 0
    live: LiveScore | None = None
    challenger: LiveScore | None = None
    differences: tuple[Difference, ...] = ()
