"""An install with trained models."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from dashapp.application.datasets import upload_csv
from dashapp.application.services import Services, open_services
from dashapp.application.training import start_training
from dashapp.settings import ROOT, Settings

DATA = Path(__file__).parent / "data"


def train_two_models(home: Path) -> None:
    """Of the irises; the second without a column."""
    with closing(open_services(Settings(home=home))) as services:
        with (DATA / "iris.csv").open("rb") as file:
            dataset, _ = upload_csv(services, file, "iris.csv")
        for exclude in ((), ("sepal_length",)):
            train(services, start_training(services, dataset.id, budget_s=2, exclude=exclude).id)


def train(services: Services, run_id: str) -> None:
    """Run the trainer of a queued run to its end, as the dispatcher would."""
    environment = os.environ | services.settings.to_environment()
    command = [sys.executable, "-m", "dashapp.application.trainer", run_id, str(os.getpid())]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60, start_new_session=True)
