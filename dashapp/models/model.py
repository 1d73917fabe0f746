"""The values of this room: a registered model and a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dashapp.datasets.dataset import Reading, Task
from dashapp.training.result import Bands, Member, Threshold
from dashapp.training.run import InputColumn, SplitPlan


@dataclass(frozen=True, slots=True)
class Artifact:
    """The model's file as it was when it was registered. `modified_ns` and `bytes` let an unchanged file go without a new hash."""

    file: str
    sha256: str
    bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model in the registry. `version` counts from 1; `dataset_sha256` is the fingerprint of the CSV it was trained on; `score` is the
    value of `score_name` on the test set, None where it is not defined there (a test set with one class).

    `intervals` are the metrics' 95 % bootstrap intervals, `ties` the candidates that the validation rows could not tell from the winner,
    `members` what the final blend is made of, `reading` how the CSV was read. Versions of older programs have
    the defaults.
    """

    id: str
    version: int
    name: str
    run_id: str
    dataset_id: str
    dataset_name: str
    dataset_sha256: str
    created_at: datetime
    target: str
    task: Task
    candidate: str
    labels: tuple[str, ...]
    inputs: tuple[InputColumn, ...]
    metrics: Mapping[str, float]
    baseline: Mapping[str, float]
    score_name: str
    score: float | None
    parameters: Mapping[str, Any]
    rows: Mapping[str, int]
    seed: int
    training_s: float
    artifact: Artifact
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    verdict: str = ""
    is_better: bool = True
    threshold: Threshold | None = None
    bands: Bands | None = None
    split: SplitPlan = field(default_factory=SplitPlan)
    ties: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the gate looked at. `words` say what was found, `figure` is the measured number where there is one. `is_notable`
    where it passed and is yet worth knowing before the switch."""

    name: str
    passed: bool
    words: str
    figure: float | None = None
    is_notable: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """All checks of a model beside the one that is live (`against`: its version, None where nothing is). Worse needs one more click;
    what cannot serve is not deployed at all. `words` are one sentence about all of it."""

    checks: tuple[Check, ...]
    is_worse: bool
    words: str
    can_serve: bool = True
    against: int | None = None

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing that a person would want to read first."""
        return all(check.passed and not check.is_notable for check in self.checks)


class DeploymentAction(StrEnum):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One line of the ledger. `restores` is the id of the deployment that a rollback put back (None for a deploy), `replaced` the version
    that was live before, `checks` what the gate found then. `by` is what the caller said, or the way that it came: nobody has proved it.
    """

    id: int
    model_id: str
    version: int
    action: DeploymentAction
    at: datetime
    restores: int | None = None
    by: str = ""
    reason: str = ""
    replaced: int | None = None
    checks: tuple[Check, ...] = ()
