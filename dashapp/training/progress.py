"""Says how far a training is: six stages, a percentage that never goes back, and what is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dashapp.training.run import Candidate, CurvePoint, Progress, Stage, StageProgress, StageState

_STARTS_AT = {Stage.PREPROCESSING: 0.0, Stage.TRAINING: 5.0, Stage.EVALUATING: 90.0, Stage.COMPLETE: 100.0}
_ENDS_AT = {Stage.PREPROCESSING: 5.0, Stage.TRAINING: 90.0, Stage.EVALUATING: 99.0, Stage.COMPLETE: 100.0}


@dataclass(frozen=True, slots=True)
class Remaining:
    """Seconds until the training is complete: expected, at least, at most."""

    expected_s: float
    low_s: float
    high_s: float


class Reporter:
    """Turns what `train` does into `Progress` values. `earlier` are the stages that were over before the training began."""

    def __init__(self, report: Callable[[Progress], None], earlier: tuple[StageProgress, ...]) -> None:
        self._report = report
        known = {stage.name: stage for stage in earlier}
        self._stages = {
            stage: known.get(stage, StageProgress(stage, StageState.WAITING if stage in _STARTS_AT else StageState.DONE)) for stage in Stage
        }
        self._stage = Stage.PREPROCESSING
        self._began = time.monotonic()
        self._percent = 0.0
        self._candidates: tuple[Candidate, ...] = ()
        self._remaining: Remaining | None = None

    def begin(self, stage: Stage, message: str) -> None:
        """Ends the stage before and reports the first message of this one."""
        if stage is not self._stage:
            self._stages[self._stage] = self._timed(StageState.DONE)
        self._stage, self._began = stage, time.monotonic()
        if stage is Stage.COMPLETE:
            self._remaining = Remaining(0.0, 0.0, 0.0)
            self._stages[stage] = StageProgress(stage, StageState.DONE, 0.0)
        self.say(message)

    def say(
        self,
        message: str,
        share: float = 0.0,
        *,
        remaining: Remaining | None = None,
        candidates: tuple[Candidate, ...] | None = None,
        points: tuple[CurvePoint, ...] = (),
    ) -> None:
        """`share` (0 to 1) is the part of this stage that is done; what is not given stays as it was."""
        self._remaining = remaining or self._remaining
        self._candidates = self._candidates if candidates is None else candidates
        low, high = _STARTS_AT[self._stage], _ENDS_AT[self._stage]
        self._percent = max(self._percent, low + (high - low) * min(1.0, max(0.0, share)))
        if self._stage is not Stage.COMPLETE:
            self._stages[self._stage] = self._timed(StageState.RUNNING)
        left = self._remaining
        self._report(
            Progress(
                stage=self._stage,
                percent=round(self._percent, 2),
                message=message,
                eta_s=None if left is None else round(left.expected_s, 2),
                eta_low_s=None if left is None else round(left.low_s, 2),
                eta_high_s=None if left is None else round(left.high_s, 2),
                stages=tuple(self._stages.values()),
                candidates=self._candidates,
                points=points,
            )
        )

    def _timed(self, state: StageState) -> StageProgress:
        return replace(self._stages[self._stage], state=state, seconds=round(time.monotonic() - self._began, 3))
