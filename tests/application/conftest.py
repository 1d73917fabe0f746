"""An install with two trained models, made once and copied for each test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashapp.application.datasets import upload_csv
from dashapp.application.services import Services, open_services
from dashapp.application.training import start_training
from dashapp.settings import ROOT, Settings
from tests.conftest import DATA


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trained") / "home"
    with closing(open_services(Settings(home=home))) as services:
        with (DATA / "iris.csv").open("rb") as file:
            dataset, _ = upload_csv(services, file, "iris.csv")
        for exclude in ((), ("sepal_length",)):
            train(services, start_training(services, dataset.id, budget_s=2, exclude=exclude).id)
    return home


@pytest.fixture
def install(trained_home: Path, tmp_path: Path) -> Iterator[Services]:
    """Two models are registered, nothing is deployed."""
    shutil.copytree(trained_home, tmp_path / "home")
    with closing(open_services(Settings(home=tmp_path / "home", cache=tmp_path / "cache"))) as services:
        yield services


def train(services: Services, run_id: str) -> None:
    """Run the trainer of a queued run to its end, as the dispatcher would."""
    environment = os.environ | services.settings.to_environment()
    command = [sys.executable, "-m", "dashapp.application.trainer", run_id, str(os.getpid())]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60, start_new_session=True)
