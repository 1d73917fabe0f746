"""A registered model leaves the install as a zip: by its route, without its dataset, and after the dataset was read otherwise."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from dashapp.application.datasets import delete_dataset, upload_csv
from dashapp.application.export import export_model
from dashapp.application.reading import change_reading
from dashapp.application.services import Services
from dashapp.errors import Conflict, ModelDamaged, NotFound
from dashapp.factory import create_app
from dashapp.models import artifact_format
from dashapp.models.model import ModelVersion
from tests.conftest import DATA


@pytest.fixture
def model(install: Services) -> ModelVersion:
    return install.models.all()[-1]


@pytest.fixture
def client(install: Services) -> Iterator[FlaskClient]:
    app = create_app(install.settings)
    yield app.server.test_client()
    app.server.extensions["dashapp"].services.close()


def files(install: Services, model: ModelVersion) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(export_model(install, model.id).content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(found: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(found["table.parquet"]))


def reported(found: dict[str, bytes], folder: Path) -> subprocess.CompletedProcess[str]:
    for name, data in found.items():
        (folder / name).write_bytes(data)
    return subprocess.run([sys.executable, "-P", "-c", RUN], cwd=folder, capture_output=True, text=True, timeout=100, check=False)


# `-P` and this keep the project's own folder out of the path.
RUN = "import runpy, sys, os; sys.path.insert(0, os.getcwd()); runpy.run_path('train.py', run_name='__main__')"


def test_the_route_sends_a_zip_under_a_plain_name(client: FlaskClient, model: ModelVersion) -> None:
    answer = client.get(f"/api/models/{model.id}/export")
    assert answer.status_code == 200 and answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="iris-species-v1.zip"'
    assert answer.is_streamed and answer.content_length is None
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None and "train.py" in archive.namelist()


def test_the_route_knows_no_other_models(client: FlaskClient) -> None:
    answer = client.get("/api/models/m0/export")
    assert answer.status_code == 404 and "There is no model" in answer.get_json()["detail"]


def test_the_route_refuses_a_damaged_model(client: FlaskClient, install: Services, model: ModelVersion) -> None:
    path = install.models.folder(model.id) / model.artifact.file
    path.write_bytes(path.read_bytes()[:-100])
    answer = client.get(f"/api/models/{model.id}/export")
    assert answer.status_code == 409 and "damaged" in answer.get_json()["detail"]
    path.unlink()
    assert client.get(f"/api/models/{model.id}/export").status_code == 409


def test_the_export_is_the_same_each_time(install: Services, model: ModelVersion) -> None:
    assert files(install, model) == files(install, model)


def test_the_export_repeats_the_training(install: Services, model: ModelVersion, tmp_path: Path) -> None:
    done = reported(files(install, model), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("the same") == 2


def test_the_split_counts_what_the_training_counted(install: Services, model: ModelVersion) -> None:
    rows = np.load(io.BytesIO(files(install, model)["split.npz"]))
    assert {name: len(rows[name]) for name in ("learn", "test", "final")} == dict(model.rows)
    assert not set(rows["learn"]) & set(rows["test"])
    assert sorted([*rows["learn"], *rows["test"]]) == sorted(rows["final"])


def test_the_fingerprint_is_that_of_the_csv(install: Services, model: ModelVersion) -> None:
    found = json.loads(files(install, model)["fingerprint.json"])
    size = (DATA / "iris.csv").stat().st_size
    assert found == {"name": "iris.csv", "sha256": model.dataset_sha256, "bytes": size, "rows": 150}


def test_a_deleted_dataset_leaves_an_export_without_a_table(install: Services, model: ModelVersion) -> None:
    delete_dataset(install, model.dataset_id)
    found = files(install, model)
    assert "table.parquet" not in found and "split.npz" not in found
    assert "This export has no table" in found["train.py"].decode()
    assert json.loads(found["fingerprint.json"])["sha256"] == model.dataset_sha256


def test_the_same_csv_uploaded_again_brings_the_table_back(install: Services, model: ModelVersion) -> None:
    before = table(files(install, model))
    delete_dataset(install, model.dataset_id)
    with (DATA / "iris.csv").open("rb") as file:
        upload_csv(install, file, "under another name.csv")
    pd.testing.assert_frame_equal(table(files(install, model)), before)


def test_the_table_is_the_one_of_the_training_although_it_is_read_otherwise_since(install: Services, model: ModelVersion) -> None:
    before = table(files(install, model))
    change_reading(install, model.dataset_id, {"columns": {"petal_width": {"kind": "category"}}})
    assert install.datasets.table(model.dataset_id)["petal_width"].dtype != before["petal_width"].dtype
    pd.testing.assert_frame_equal(table(files(install, model)), before)
    assert {path.name for path in install.datasets.directory.iterdir()} == {model.dataset_id}


def test_lost_files_of_a_dataset_count_as_deleted(install: Services, model: ModelVersion) -> None:
    install.datasets.table_path(model.dataset_id).unlink()
    assert "table.parquet" not in files(install, model)


def test_a_download_goes_on_although_everything_is_deleted_meanwhile(install: Services, model: ModelVersion) -> None:
    expected = b"".join(export_model(install, model.id).content)
    made = export_model(install, model.id)
    install.models.drop_files(model.id)
    delete_dataset(install, model.dataset_id)
    assert b"".join(made.content) == expected


@pytest.mark.parametrize(("what", "error"), [("unknown", NotFound), ("damaged", ModelDamaged), ("old", Conflict)])
def test_what_cannot_be_exported_says_so(
    install: Services, model: ModelVersion, what: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = artifact_format.load
    if what == "damaged":
        (install.models.folder(model.id) / model.artifact.file).write_bytes(b"")
    if what == "old":
        monkeypatch.setattr(artifact_format, "load", lambda path: replace(load(path), record=None))
    with pytest.raises(error, match=r"There is no model|is damaged|train it again to export it"):
        export_model(install, "m0" if what == "unknown" else model.id)
