"""A trial's folds agree on a step."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.families.boosting import Boosting
from dashapp.training.race.trial import FoldRun, Standing, Trial
from tests.training.tables import mixed_plan


def _run(losses: list[float]) -> FoldRun:
    steps = range(len(losses))
    return FoldRun(
        rows=100,
        validation_rows=10,
        encode_s=1.0,
        total_s=3.0,
        iterations=[10 * (step + 1) for step in steps],
        losses=losses,
        settings=[{"n_estimators": 10 * (step + 1)} for step in steps],
        seconds=[0.5 * (step + 1) for step in steps],
        outputs={step: np.full((10, 2), step) for step in steps},
    )


def _trial(folds: int = 2, is_squared: bool = False) -> Trial:
    return Trial(Boosting(mixed_plan(Task.BINARY)), {}, 1, folds, is_squared)


def test_the_step_is_chosen_over_all_folds() -> None:
    trial = _trial()
    trial.add(0, _run([0.9, 0.5, 0.6, 0.8]))
    assert (trial.best, trial.loss) == (1, 0.5)
    trial.add(1, _run([0.9, 0.8, 0.4]))
    assert trial.best == 2 and trial.loss == pytest.approx(0.5)
    assert trial.standing is Standing.COMPLETE and trial.reached() == {"n_estimators": 30}
    assert set(trial.output_over(2).ravel()) == {2.0}


def test_squares_are_what_is_averaged_in_a_regression() -> None:
    trial = _trial(is_squared=True)
    trial.add(0, _run([3.0]))
    trial.add(1, _run([4.0]))
    assert trial.loss == pytest.approx(np.sqrt(12.5))


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_losses_of_any_size_are_averaged(unit: float) -> None:
    trial = _trial(is_squared=True)
    trial.add(0, _run([9 * unit, 3 * unit]))
    trial.add(1, _run([9 * unit, 4 * unit]))
    assert trial.best == 1 and trial.loss == pytest.approx(np.sqrt(12.5) * unit)


def test_a_fold_that_comes_early_waits_for_those_before_it() -> None:
    trial = _trial(folds=3)
    trial.add(0, _run([0.5]))
    trial.add(2, _run([0.1]))
    assert len(trial.runs) == 1 and trial.loss == 0.5
    trial.add(1, _run([0.3]))
    assert len(trial.runs) == 3 and trial.loss == pytest.approx(0.3)


def test_what_was_let_go_takes_no_more_folds() -> None:
    trial = _trial()
    trial.add(0, _run([0.5, 0.4]))
    trial.let_go()
    trial.add(1, _run([0.1, 0.1]))
    assert len(trial.runs) == 1 and trial.standing is Standing.LET_GO


def test_a_longer_fit_on_more_rows_takes_longer() -> None:
    trial = _trial()
    trial.add(0, _run([0.5, 0.4]))
    assert trial.fit_s(200, {"n_estimators": 40}) == pytest.approx(1.0 * 2 + 1.0 * 2 * (200 + 6000) / (100 + 6000))
