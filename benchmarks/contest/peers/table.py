"""What every peer is given (two CSV files, a target, a task, seconds, a seed) and how it answers (a CSV of its outputs)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

MISSING = ["", "?", " "]


@dataclass(frozen=True)
class Given:
    folder: Path
    train: pd.DataFrame
    y: Any
    test: pd.DataFrame
    task: str
    budget_s: float
    seed: int

    @classmethod
    def read(cls, folder: Path) -> Given:
        """Types are found as pandas finds them, on both files together, so that no one stumbles over a category."""
        asked = json.loads((folder / "asked.json").read_text())
        train, test = (pd.read_csv(folder / name, na_values=MISSING, skipinitialspace=True) for name in ("train.csv", "test.csv"))
        for name in test.columns:
            if train[name].dtype != test[name].dtype and "O" in (train[name].dtype.kind, test[name].dtype.kind):
                train[name], test[name] = train[name].astype(object), test[name].astype(object)
        y = train.pop(asked["target"])
        y = y.to_numpy() if asked["task"] == "regression" else y.astype(str).to_numpy()
        return cls(folder, train, y, test, asked["task"], asked["budget_s"], asked["seed"])

    def answer(self, output: Any, labels: Sequence[str] = ("value",)) -> None:
        """Probabilities `[n, labels]` or values `[n]`."""
        pd.DataFrame(output, columns=list(labels)).to_csv(self.folder / "answer.csv", index=False)
