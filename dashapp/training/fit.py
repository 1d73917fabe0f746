"""A record and rows in, a fitted and measured model out: the same record on the same table gives the same model and the same scores."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.training.families.every import families
from dashapp.training.families.family import Family, output_of
from dashapp.training.features import FloatArray
from dashapp.training.material import Material
from dashapp.training.parts import Blend
from dashapp.training.result import Member, Record
from dashapp.training.run import TrainingPlan, Treatment
from dashapp.training.split import Answers, Positions, thinned

TELL_EVERY_S = 0.3
# Fewer rows are not worth the trouble.
MANY_ROWS = 50_000
ROWS_AT_ONCE = 20_000


@dataclass(slots=True)
class _Fit:
    """One member's fit; `share` of it is done. It ends early once `until` (of `time.monotonic`) is over."""

    family: Family
    member: Member
    until: float
    share: float = 0.0

    def run(self, x: pd.DataFrame, y: NDArray[Any]) -> tuple[Pipeline, Member]:
        with threadpool_limits(limits=1):
            pipeline, setting = self.family.fitted(x, y, self.member.setting, self._is_over)
        self.share = 1.0
        return pipeline, replace(self.member, setting=setting)

    def _is_over(self, share: float) -> bool:
        self.share = share
        return time.monotonic() > self.until


def fit_blend(
    record: Record,
    material: Material,
    rows: Positions,
    *,
    tell: Callable[[float], None] = lambda share: None,
    until: float = np.inf,
    threads: int = 1,
) -> tuple[Blend, Record]:
    """Fit every member on `rows` (thinned to `record.most_rows`); `tell` hears the share that is done.

    What is not grown by `until` (of `time.monotonic`) stays as it is, and the record that is returned says so.
    """
    chosen = learned_rows(record, material, rows)
    x, y = with_shared_labels(material.rows(chosen), record.plan), written(material.answers, chosen)
    known = {family.name: family for family in families(record.plan)}
    fits = [_Fit(known[member.candidate], member, until) for member in record.members]
    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[Any]] = set()
        futures = [pool.submit(fit.run, x, y) for fit in fits]
        waiting.update(futures)
        while waiting:
            waiting = wait(waiting, timeout=TELL_EVERY_S).not_done
            tell(float(np.mean([fit.share for fit in fits])))
    done = [future.result() for future in futures]
    members = tuple(member for _, member in done)
    blend = Blend([pipeline for pipeline, _ in done], [member.weight for member in members], record.temperature)
    return blend, record if members == record.members else replace(record, members=members)


def with_shared_labels(frame: pd.DataFrame, plan: TrainingPlan) -> pd.DataFrame:
    """The same values, with one text in memory for each different label: an encoder makes an object of every text it meets."""
    if len(frame) < MANY_ROWS:
        return frame
    shared = frame.copy(deep=False)
    for column in plan.features:
        is_label = column.treatment in (Treatment.CATEGORY, Treatment.MANY_CATEGORIES)
        if is_label and isinstance(frame[column.name].dtype, pd.StringDtype):
            shared[column.name] = frame[column.name].astype("category")
    return shared


def predicted(task: Task, model: Blend, frame: pd.DataFrame) -> FloatArray:
    """What the model answers, row by row, computed for a part of the rows at a time."""
    starts = range(0, max(1, len(frame)), ROWS_AT_ONCE)
    return np.concatenate([output_of(task, model, frame.iloc[at : at + ROWS_AT_ONCE]) for at in starts])


def learned_rows(record: Record, material: Material, rows: Positions) -> Positions:
    if record.most_rows is None:
        return rows
    return thinned(rows, record.most_rows, record.plan.seed, material.answers.classes)


def written(answers: Answers, rows: Positions) -> NDArray[Any]:
    """The answers of these rows as the model learns them: labels as they are written, or values."""
    return np.array(answers.labels, dtype=str)[answers.y[rows]] if answers.labels else answers.y[rows]
