"""A file that was changed is refused, and nothing in it is run."""

from __future__ import annotations

import io
import json
import math
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.errors import ModelDamaged
from dashapp.models import artifact_format
from dashapp.serving.predictor import compile_arrays, load_predictor
from dashapp.training.result import Bands, Effect, EffectPoint, Explanation, HeldOut, Threshold, TrainedModel, WorstRow
from tests.serving.blends import a_blend, a_wordy_blend

DATA = Path(__file__).parent / "data"


@pytest.fixture
def file(binary: TrainedModel, tmp_path: Path) -> Path:
    artifact_format.dump(binary, tmp_path / "model.zip", compile_arrays(binary))
    return tmp_path / "model.zip"


def rewrite(file: Path, member: str, content: bytes) -> None:
    """Replace one member of the artifact."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, kept in {**members, member: content}.items():
            archive.writestr(name, kept)


def test_a_type_that_is_not_listed_is_refused(file: Path) -> None:
    from skops import io as skops_io

    rewrite(file, artifact_format.PIPELINE, skops_io.dumps({"run": zipfile.ZipFile}))
    with pytest.raises(ModelDamaged, match="safely"):
        artifact_format.load(file).pipeline()


def test_a_pickle_is_never_read(file: Path) -> None:
    rewrite(file, artifact_format.PIPELINE, pickle.dumps({"a": 1}))
    with pytest.raises(ModelDamaged):
        artifact_format.load(file).pipeline()
    holder = np.empty(1, dtype=object)
    np.savez(file.with_suffix(".npz"), feature=holder)
    rewrite(file, artifact_format.COMPILED, file.with_suffix(".npz").read_bytes())
    with pytest.raises(ModelDamaged):
        artifact_format.load(file)


@pytest.mark.parametrize(
    "member", [artifact_format.MANIFEST, artifact_format.COMPILED, artifact_format.EXPLANATION, artifact_format.PIPELINE]
)
@pytest.mark.parametrize("content", [b"rubbish", b"", b"[]", b"{}", b"null", b"[1]", b'{"format": 2}', b"PK\x03\x04"])
def test_a_member_of_rubbish_is_refused(file: Path, member: str, content: bytes) -> None:
    rewrite(file, member, content)
    with pytest.raises(ModelDamaged, match="train it again"):
        stored = artifact_format.load(file)
        stored.explanation()
        stored.pipeline()


CHANGES: dict[str, Any] = {
    "another format": {"format": 3},
    "a figure that is none": {"scores": {"metrics": {"r2": "NaN"}, "intervals": {}, "baseline": {}, "verdict": "", "is_better": True}},
    "answers that do not fit": {"check_outputs": [[1.0, 2.0], [1.0]]},
    "a task that is none": {"task": "clustering"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_manifest_that_does_not_fit_is_refused(file: Path, name: str) -> None:
    known = json.loads(zipfile.ZipFile(file).read(artifact_format.MANIFEST))
    rewrite(file, artifact_format.MANIFEST, json.dumps(known | CHANGES[name]).encode())
    with pytest.raises(ModelDamaged, match="train it again"):
        artifact_format.load(file)


def test_a_threshold_for_a_label_that_is_not_there_is_refused(tmp_path: Path) -> None:
    model = a_blend(Task.BINARY, "linear", threshold=Threshold("maybe", 0.2, "F1", 0.4, 0.6))
    artifact_format.dump(model, tmp_path / "model.zip")
    with pytest.raises(ModelDamaged, match="threshold"):
        artifact_format.load(tmp_path / "model.zip")


def test_bands_without_edges_between_them_are_refused(tmp_path: Path) -> None:
    model = a_blend(Task.REGRESSION, "linear", bands=Bands(0.9, (), (-1.0, -2.0), (1.0, 2.0)))
    artifact_format.dump(model, tmp_path / "model.zip")
    with pytest.raises(ModelDamaged, match="intervals"):
        artifact_format.load(tmp_path / "model.zip")


def test_what_is_known_of_the_model_comes_back(model: TrainedModel, tmp_path: Path) -> None:
    worst = WorstRow(3, {"amount": None, "visits": 4, "colour": "red"}, "yes", "no", 0.25, 2.5)
    told = replace(model, explanation=Explanation(worst=(worst,), residuals=((1.0, 2.0),), skipped=("time",)))
    artifact_format.dump(told, tmp_path / "model.zip")
    stored = artifact_format.load(tmp_path / "model.zip")
    assert (stored.record, stored.scores, stored.labels, stored.inputs) == (model.record, model.scores, model.labels, model.inputs)
    assert stored.check_rows == model.check_rows and stored.rows == model.rows
    np.testing.assert_array_equal(stored.check_outputs, model.check_outputs)
    assert stored.explanation() == told.explanation


def test_no_member_holds_a_nan_that_json_does_not_have(binary: TrainedModel, tmp_path: Path) -> None:
    point = EffectPoint(1.0, (math.nan, math.inf), 0.5)
    told = replace(
        binary, explanation=Explanation(effects=(Effect("amount", (point,)),), worst=(WorstRow(1, {"a": math.nan}, "", "", None, 1.0),))
    )
    artifact_format.dump(told, tmp_path / "model.zip", compile_arrays(binary))
    stored = artifact_format.load(tmp_path / "model.zip")
    assert stored.compiled is not None
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        texts = [archive.read(artifact_format.MANIFEST), archive.read(artifact_format.EXPLANATION), stored.compiled["encoder"].tobytes()]
    for text in texts:
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert math.isnan(stored.explanation().effects[0].points[0].mean[0])


@pytest.mark.parametrize("name", ["boosting", "forest", "linear"])
def test_artifacts_of_format_1_answer_as_they_did(name: str) -> None:
    stored = artifact_format.load(DATA / f"format_1_{name}.zip")
    predictor = load_predictor(stored)
    assert predictor.is_exact and stored.record is None and stored.scores.metrics and stored.explanation() == Explanation()
    found = predictor.predict(stored.check_rows)
    given = [[*each.probabilities.values()] if each.probabilities else [each.prediction] for each in found]
    np.testing.assert_allclose(np.array(given, dtype=float), stored.check_outputs, rtol=0, atol=1e-9)


def test_the_pipeline_of_format_1_is_still_read() -> None:
    stored = artifact_format.load(DATA / "format_1_boosting.zip")
    served = load_predictor(replace(stored, compiled=None))
    assert not served.is_exact
    variants = [row | {"colour": "unseen", "amount": None, "joined": None} for row in stored.check_rows]
    for mine, theirs in zip(load_predictor(stored).predict(variants), served.predict(variants), strict=True):
        assert mine.probabilities == pytest.approx(theirs.probabilities, abs=1e-9)


def test_a_file_that_is_cut_or_missing_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelDamaged):
        artifact_format.load(file)
    with pytest.raises(ModelDamaged):
        artifact_format.load(file.with_name("none.zip"))


@pytest.mark.parametrize("kind", ["linear", "boosting"])
def test_a_model_of_texts_is_read_safely(kind: str, tmp_path: Path) -> None:
    model = a_wordy_blend(Task.REGRESSION, kind)
    artifact_format.dump(model, tmp_path / "model.zip")
    served = load_predictor(artifact_format.load(tmp_path / "model.zip"))
    found = [each.prediction for each in served.predict(model.check_rows)]
    np.testing.assert_allclose(np.array(found, dtype=float)[:, None], model.check_outputs, rtol=1e-12)


def test_the_list_of_trusted_types_is_as_short_as_can_be(model: TrainedModel) -> None:
    from skops import io as skops_io

    needed = set(skops_io.get_untrusted_types(data=skops_io.dumps(model.model)))
    assert needed <= set(artifact_format.TRUSTED)


def test_the_answers_for_the_test_rows_come_back_and_old_files_have_none(binary: TrainedModel, file: Path, tmp_path: Path) -> None:
    assert artifact_format.load_held_out(file) is None
    assert artifact_format.load_held_out(DATA / "format_1_linear.zip") is None
    kept = HeldOut(np.array([3, 5]), np.array([0.0, 1.0]), np.array([0.25, 0.75]))
    artifact_format.dump(replace(binary, held_out=kept), tmp_path / "told.zip")
    found = artifact_format.load_held_out(tmp_path / "told.zip")
    assert found is not None
    for mine, theirs in ((found.rows, kept.rows), (found.truth, kept.truth), (found.said, kept.said)):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("said", [None, [0.5], [[0.5, 0.5]]])
def test_answers_for_the_test_rows_that_do_not_fit_are_refused(file: Path, said: Any) -> None:
    content = io.BytesIO()
    arrays = {"rows": np.array([3, 5]), "truth": np.array([0.0, 1.0])}
    np.savez(content, **arrays | ({} if said is None else {"said": np.array(said)}))
    rewrite(file, artifact_format.TEST, content.getvalue())
    with pytest.raises(ModelDamaged, match="train it again"):
        artifact_format.load_held_out(file)
