"""What an export is written from is enough to do the training again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.models import artifact_format
from dashapp.training.train import train
from tests.training.tables import mixed_plan, mixed_table

carry_out = pytest.importorskip("dashapp.training.carry_out", reason="the record is replayed there")


@pytest.mark.parametrize("task", list(Task))
def test_the_record_of_an_artifact_gives_the_same_scores_and_the_same_model(task: Task, tmp_path: Path) -> None:
    table = mixed_table()
    trained = train(table, mixed_plan(task, budget_s=2.0), lambda progress: None)
    artifact_format.dump(trained, tmp_path / "model.zip")
    stored = artifact_format.load(tmp_path / "model.zip")
    assert stored.record == trained.record
    again = carry_out.replay(table, stored.record)
    assert again.scores.metrics == pytest.approx(trained.scores.metrics, abs=1e-9)
    np.testing.assert_allclose(again.check_outputs, trained.check_outputs, rtol=1e-9, atol=1e-9)
