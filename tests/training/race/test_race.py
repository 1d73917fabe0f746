"""What the leaderboard says of trials that stand at different folds."""

from __future__ import annotations

import time

from dashapp.datasets.dataset import Task
from dashapp.training.families.every import families
from dashapp.training.material import prepared
from dashapp.training.progress import Reporter
from dashapp.training.race.encoded import Encoder
from dashapp.training.race.race import Race
from dashapp.training.race.schedule import Schedule
from dashapp.training.race.work import Workers
from tests.training.tables import mixed_plan, mixed_table


def test_a_loss_on_fewer_folds_says_so() -> None:
    plan = mixed_plan(Task.BINARY, only="Logistic")
    material = prepared(mixed_table(), plan, Reporter(lambda progress: None, ()))
    schedule = Schedule(plan, families(plan), material, 1)
    workers = Workers(plan, material, Encoder(material, 0), 1, time.monotonic())
    race = Race(schedule, workers, time.monotonic() + 60, lambda: 0.0, lambda: 0.0)
    said = []

    def on_news(job: object, point: object) -> None:
        (candidate,) = race.candidates()
        said.append(candidate.setting)

    race.run(on_news, lambda: any(said) and "judged" not in said[-1])
    folds = [f"judged on {number} of 5 folds so far" for number in (1, 2, 3, 4)]
    assert all(any(words in each for each in said) for words in folds) and "judged" not in said[-1]
