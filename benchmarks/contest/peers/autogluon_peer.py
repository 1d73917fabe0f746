"""AutoGluon, medium quality, its tree models, on one table: `autogluon_peer.py FOLDER`, in an environment of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from table import Given


def main(folder: Path) -> None:
    from autogluon.tabular import TabularPredictor

    given = Given.read(folder)
    metric = "root_mean_squared_error" if given.task == "regression" else "log_loss"
    learner = TabularPredictor(label="\x00y", problem_type=given.task, eval_metric=metric, path=str(folder / "autogluon"), verbosity=0)
    learner.fit(
        given.train.assign(**{"\x00y": given.y}),
        time_limit=given.budget_s,
        presets="medium_quality",
        excluded_model_types=["NN_TORCH", "FASTAI", "KNN", "LR"],
        num_cpus=2,
    )
    if given.task == "regression":
        given.answer(learner.predict(given.test).to_numpy())
    else:
        found = learner.predict_proba(given.test)
        given.answer(found.to_numpy(), [str(label) for label in found.columns])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
