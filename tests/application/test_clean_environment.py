"""The exported zip does what it says in an environment that has its requirements and nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dashapp.application.datasets import upload_csv
from dashapp.application.export import export_model
from dashapp.application.services import Services
from dashapp.application.training import start_training
from dashapp.models.artifact_format import load
from dashapp.serving.predictor import load_predictor
from tests.conftest import DATA
from tests.trained import train

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TOLERANCE = 1e-9
WORDS = {
    "yes": ["good", "great", "lovely", "would buy again", "works well", "happy"],
    "no": ["bad", "poor", "broken", "want my money back", "fell apart", "angry"],
    "any": ["the lamp", "the chair", "this thing", "arrived on monday", "blue", "in a box", "for my desk"],
}


def review_table() -> bytes:
    """Short reviews whose words tell, mostly, whether they are good."""
    random = np.random.default_rng(0)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["review", "price", "recommends"])
    for row in range(400):
        truth = "yes" if random.random() < 0.4 else "no"
        told = truth if random.random() < 0.85 else "any"
        words = [*random.choice(WORDS["any"], 4), *random.choice(WORDS[told], 2)]
        writer.writerow([f"{' '.join(random.permutation(words))}, order {row}", round(random.normal(30, 8), 2), truth])
    return text.getvalue().encode()


TABLES = {
    "titanic": ("titanic.csv", lambda: (DATA / "titanic.csv").read_bytes(), "Survived", "Sex"),
    "auto-mpg": ("auto_mpg_qmark.csv", lambda: (DATA / "auto_mpg_qmark.csv").read_bytes(), "mpg", "weight"),
    "reviews": ("reviews.csv", review_table, "recommends", "review"),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    return folder / "bin" / "python"


def run(python: Path, folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", TABLES)
def test_the_zip_repeats_the_scores_and_the_predictions(name: str, services: Services, python: Path, tmp_path: Path) -> None:
    file, content, target, used = TABLES[name]
    csv_file, folder = tmp_path / file, tmp_path / "export"
    csv_file.write_bytes(content())
    with csv_file.open("rb") as stream:
        dataset, _ = upload_csv(services, stream, file)
    train(services, start_training(services, dataset.id, target=target, budget_s=6).id)
    (model,) = services.models.all()
    assert used in {column.name for column in model.inputs}
    with zipfile.ZipFile(io.BytesIO(b"".join(export_model(services, model.id).content))) as archive:
        archive.extractall(folder)

    # The three have the same versions, so only the first one really installs.
    run(python, folder, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt")
    assert run(python, folder, "-c", "import importlib.util as u; print(u.find_spec('dashapp'))").strip() == "None"
    said = run(python, folder, "train.py", str(csv_file))
    assert "is the file that the model was trained on" in said and said.count("the same") == 2

    stored = load(services.models.folder(model.id) / model.artifact.file)
    rows = [dict(row) for row in stored.check_rows[:50]]
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    found = json.loads(run(python, folder, "predict.py", "rows.json"))["predictions"]
    for mine, theirs in zip(load_predictor(stored).predict(rows), found, strict=True):
        if mine.probabilities is None:
            assert theirs["prediction"] == pytest.approx(mine.prediction, rel=TOLERANCE, abs=TOLERANCE)
        else:
            assert theirs["prediction"] == mine.prediction
            assert theirs["probabilities"] == pytest.approx(mine.probabilities, abs=TOLERANCE)
