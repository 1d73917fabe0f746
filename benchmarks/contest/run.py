"""One contestant on one table: the files that it is given, the process, the score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from benchmarks.contest.tables import REGRESSION, Table

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
SMALLEST = float(np.finfo(np.float64).eps)

COMMANDS = {
    "ours": [sys.executable, "-m", "benchmarks.contest.ours"],
    "flaml": [str(PEERS_PYTHON), str(PEERS / "flaml_peer.py")],
    "autogluon": [str(PEERS_PYTHON), str(PEERS / "autogluon_peer.py")],
    "hist": [sys.executable, str(PEERS / "hist_peer.py")],
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`loss` is the log loss (nats) or the RMSE on the test rows; None where the contestant failed, with the last line of its error."""

    contestant: str
    table: str
    seed: int
    loss: float | None
    seconds: float
    error: str = ""


def lay_out(table: Table, seed: int, budget_s: float, folder: Path) -> pd.Series:
    """Write what contestants are given; the answers of the test rows are returned and never written."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = table.read()
    stratify = None if table.task == REGRESSION else frame[table.target]
    train, test = train_test_split(frame, test_size=0.2, random_state=seed, stratify=stratify)
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns=table.target).to_csv(folder / "test.csv", index=False)
    asked = {"target": table.target, "task": table.task, "budget_s": budget_s, "seed": seed}
    (folder / "asked.json").write_text(json.dumps(asked))
    return test[table.target].reset_index(drop=True)


def compete(contestant: str, table: Table, seed: int, truth: pd.Series, folder: Path) -> Outcome:
    answer = folder / "answer.csv"
    answer.unlink(missing_ok=True)
    began = time.monotonic()
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([*COMMANDS[contestant], str(folder)], cwd=ROOT, env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - began
    if done.returncode or not answer.exists():
        lines = done.stderr.strip().splitlines() or ["no answer"]
        return Outcome(contestant, table.name, seed, None, seconds, lines[-1])
    return Outcome(contestant, table.name, seed, _loss(table, truth, pd.read_csv(answer)), seconds)


def _loss(table: Table, truth: pd.Series, answer: pd.DataFrame) -> float:
    if table.task == REGRESSION:
        return float(np.sqrt(np.mean((truth.astype(float).to_numpy() - answer["value"].to_numpy()) ** 2)))
    answer.columns = answer.columns.str.strip()
    shares = answer.reindex(columns=sorted(truth.str.strip().unique()), fill_value=0.0)
    places = shares.columns.get_indexer(truth.str.strip())
    found = shares.to_numpy()[np.arange(len(truth)), places]
    return float(-np.log(np.clip(found, SMALLEST, 1.0)).mean())
