"""FLAML on one table: `flaml_peer.py FOLDER`, in an environment of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from table import Given


def main(folder: Path) -> None:
    from flaml import AutoML

    given = Given.read(folder)
    learner = AutoML()
    task = "regression" if given.task == "regression" else "classification"
    metric = "rmse" if given.task == "regression" else "log_loss"
    learner.fit(given.train, given.y, task=task, metric=metric, time_budget=given.budget_s, seed=given.seed, n_jobs=2, verbose=0)
    if given.task == "regression":
        given.answer(learner.predict(given.test))
    else:
        given.answer(learner.predict_proba(given.test), [str(label) for label in learner.classes_])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
