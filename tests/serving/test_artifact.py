"""A file that was changed is refused, and nothing in it is run."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dashapp.errors import ModelDamaged
from dashapp.models import artifact_format
from dashapp.serving.predictor import compile_arrays
from dashapp.training.run import TrainedModel


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


@pytest.mark.parametrize("member", [artifact_format.MANIFEST, artifact_format.COMPILED])
def test_a_member_of_rubbish_is_refused(file: Path, member: str) -> None:
    rewrite(file, member, b"rubbish")
    with pytest.raises(ModelDamaged):
        artifact_format.load(file)


def test_a_file_that_is_cut_or_missing_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelDamaged):
        artifact_format.load(file)
    with pytest.raises(ModelDamaged):
        artifact_format.load(file.with_name("none.zip"))


def test_the_list_of_trusted_types_is_as_short_as_can_be(model: TrainedModel) -> None:
    from skops import io as skops_io

    needed = set(skops_io.get_untrusted_types(data=skops_io.dumps(model.pipeline)))
    assert needed <= set(artifact_format.TRUSTED)
