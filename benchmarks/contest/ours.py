"""This product on one table: `python -m benchmarks.contest.ours FOLDER`; the answers come from the compiled predictor that would serve."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pandas as pd

from dashapp.datasets.dataset import Task
from dashapp.datasets.read import read_table
from dashapp.serving.predictor import compile_predictor
from dashapp.training.plan import plan_training
from dashapp.training.train import train


def main(folder: Path) -> None:
    asked = json.loads((folder / "asked.json").read_text())
    table, profile = read_table(folder / "train.csv")
    task = Task(asked["task"])
    plan = plan_training(profile, target=asked["target"], task=task, exclude=(), budget_s=asked["budget_s"], seed=asked["seed"])
    trained = train(table, plan, lambda progress: None)
    predictor = compile_predictor(trained)
    with (folder / "test.csv").open(newline="") as file:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    found = predictor.predict(rows)
    if task is Task.REGRESSION:
        answer = pd.DataFrame({"value": [each.prediction for each in found]})
    else:
        answer = pd.DataFrame([each.probabilities for each in found], columns=list(predictor.labels))
    answer.to_csv(folder / "answer.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
