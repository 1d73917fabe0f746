"""What the leaderboard says of trials that stand at different folds, and how a race without any ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from dashapp.datasets.dataset import Task
from dashapp.errors import CannotTrain
from dashapp.training.families.boosting import Boosting
from dashapp.training.families.every import families
from dashapp.training.families.family import Rows, Step
from dashapp.training.families.linear import Linear
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


def _refused(error: Exception) -> Any:
    """What stands in for a family's `race`: nothing of it comes further than `error`."""

    def race(family: object, rows: Rows, setting: dict[str, Any]) -> Iterator[Step]:
        raise error
        yield

    return race


@pytest.mark.parametrize(
    ("boosting", "linear", "expected"),
    [
        (MemoryError(), MemoryError(), MemoryError),
        (MemoryError(), RuntimeError("std::bad_alloc"), MemoryError),
        (OSError(12, "Cannot allocate memory"), RuntimeError("can't start new thread"), MemoryError),
        (MemoryError(), ValueError("of its own"), CannotTrain),
    ],
)
def test_a_race_that_only_memory_ended_is_a_shortage_of_memory(
    monkeypatch: pytest.MonkeyPatch, boosting: Exception, linear: Exception, expected: type[Exception]
) -> None:
    plan = mixed_plan(Task.BINARY)
    monkeypatch.setattr(Boosting, "race", _refused(boosting))
    monkeypatch.setattr(Linear, "race", _refused(linear))
    material = prepared(mixed_table(), plan, Reporter(lambda progress: None, ()))
    schedule = Schedule(plan, (Boosting(plan), Linear(plan)), material, 1)
    workers = Workers(plan, material, Encoder(material, 0), 1, time.monotonic())
    race = Race(schedule, workers, time.monotonic() + 60, lambda: 0.0, lambda: 0.0)
    with pytest.raises(expected, match=r"candidate could be trained.*memory"):
        race.run(lambda job, point: None, lambda: False)
