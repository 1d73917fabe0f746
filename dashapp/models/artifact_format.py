"""What is inside an artifact: one zip file, no member of which can run code when it is read.

model.json        what is known of the model: how it was made, inputs, labels, scores, rows to check its answers with
explanation.json  why it says what it says; read only when it is asked for
pipeline.skops    the fitted blend of pipelines, read with an explicit list of types only
compiled.npz      the same model as plain arrays (where it could be compiled), which is what serves
test.npz          what was answered for each test row; read only where two models are compared, absent in older artifacts

Format 1 had no explanation, and in its model.json the figures alone.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError

from dashapp.datasets.dataset import Task
from dashapp.errors import ModelDamaged
from dashapp.training.result import Bands, Explanation, HeldOut, Record, Scores, Threshold, TrainedModel
from dashapp.training.run import InputColumn

Arrays = Mapping[str, NDArray[Any]]

MANIFEST, EXPLANATION, PIPELINE, COMPILED, TEST = "model.json", "explanation.json", "pipeline.skops", "compiled.npz", "test.npz"
FORMAT = 2
_FIRST_FORMAT = 1
_ADVICE = "train it again or use another version"
_FINITE = ConfigDict(ser_json_inf_nan="strings")

# What the pipelines of `training` hold beyond skops' own list. Never replace this by `get_untrusted_types`. The kinds of trees hold node
# numbers that are followed without looking, which is why a registry checks the file's hash before this.
TRUSTED = (
    "collections.OrderedDict",
    "collections.defaultdict",
    "dashapp.training.features.DateParts",
    "dashapp.training.parts.Blend",
    "dashapp.training.parts.DateParts",
    "dashapp.training.parts.Ramps",
    "dashapp.training.parts.Topics",
    "dashapp.training.parts.Words",
    "functools.partial",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.model_selection._split.KFold",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """An artifact that was read. `check_outputs` is `[n, outputs]`; `compiled` is None where only the pipeline can answer; `record` is None
    in format 1."""

    path: Path
    candidate: str
    target: str
    task: Task
    labels: tuple[str, ...]
    inputs: tuple[InputColumn, ...]
    record: Record | None
    scores: Scores
    rows: Mapping[str, int]
    check_rows: tuple[Mapping[str, Any], ...]
    check_outputs: NDArray[np.float64]
    compiled: Arrays | None

    @property
    def threshold(self) -> Threshold | None:
        return None if self.record is None else self.record.threshold

    @property
    def bands(self) -> Bands | None:
        return None if self.record is None else self.record.bands

    def pipeline(self) -> Any:
        """The scikit-learn pipelines, read now. Raises `ModelDamaged`, also for a type that is not on the list."""
        return load_pipeline(self.path)

    def explanation(self) -> Explanation:
        """Read now; empty in format 1. Raises `ModelDamaged`."""
        return load_explanation(self.path)


@dataclass(frozen=True, slots=True)
class _Manifest:
    __pydantic_config__: ClassVar[ConfigDict] = _FINITE

    format: int
    candidate: str
    target: str
    task: Task
    labels: tuple[str, ...]
    inputs: tuple[InputColumn, ...]
    record: Record | None
    scores: Scores
    rows: Mapping[str, int]
    check_rows: tuple[Mapping[str, Any], ...]
    check_outputs: tuple[tuple[float, ...], ...]


_MANIFEST = TypeAdapter(_Manifest)
# Within a tuple, as the type of a dataclass takes no configuration.
_EXPLANATION = TypeAdapter(tuple[Explanation], config=_FINITE)


def dump(model: TrainedModel, path: Path, compiled: Arrays | None = None) -> None:
    """Write the artifact to `path` (its folder exists). `compiled` comes from `serving.predictor.compile_arrays`."""
    from skops import io as skops_io

    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, _MANIFEST.dump_json(_manifest(model)))
        archive.writestr(EXPLANATION, _EXPLANATION.dump_json((model.explanation,)), zipfile.ZIP_DEFLATED)
        archive.writestr(PIPELINE, skops_io.dumps(model.model), zipfile.ZIP_DEFLATED, compresslevel=1)
        if compiled is not None:
            with archive.open(COMPILED, "w", force_zip64=True) as member:
                np.savez(member, allow_pickle=False, **dict(compiled))
        if model.held_out is not None:
            told = io.BytesIO()
            np.savez(told, allow_pickle=False, rows=model.held_out.rows, truth=model.held_out.truth, said=model.held_out.said)
            archive.writestr(TEST, told.getvalue(), zipfile.ZIP_DEFLATED)


def load(path: Path) -> StoredModel:
    """Read all but the pipelines and the explanation. Raises `ModelDamaged`."""
    with _read(path, "is not a model that can be read") as archive:
        manifest = _checked(_manifest_of(json.loads(archive.read(MANIFEST))))
        compiled = _arrays(archive.read(COMPILED)) if COMPILED in archive.namelist() else None
        outputs = np.array(manifest.check_outputs, dtype=np.float64).reshape(len(manifest.check_rows), -1)
    return StoredModel(
        path=path,
        candidate=manifest.candidate,
        target=manifest.target,
        task=manifest.task,
        labels=manifest.labels,
        inputs=manifest.inputs,
        record=manifest.record,
        scores=manifest.scores,
        rows=manifest.rows,
        check_rows=manifest.check_rows,
        check_outputs=outputs,
        compiled=compiled,
    )


def load_explanation(path: Path) -> Explanation:
    """Why the model says what it says; empty where the artifact has none. Raises `ModelDamaged`."""
    with _read(path, "holds an explanation that cannot be read") as archive:
        if EXPLANATION not in archive.namelist():
            return Explanation()
        return _EXPLANATION.validate_json(archive.read(EXPLANATION))[0]


def load_held_out(path: Path) -> HeldOut | None:
    """What was answered for the test rows; None where the artifact does not have it. Raises `ModelDamaged`."""
    with _read(path, "holds answers that cannot be read") as archive:
        if TEST not in archive.namelist():
            return None
        arrays = _arrays(archive.read(TEST))
        rows, truth, said = (arrays[name] for name in ("rows", "truth", "said"))
        if rows.ndim != 1 or not rows.shape == truth.shape == said.shape or rows.dtype != np.int64:
            raise ValueError("its answers for the test rows do not fit together")
        return HeldOut(rows, truth.astype(np.float64), said.astype(np.float64))


def load_pipeline(path: Path) -> Any:
    """The fitted pipeline; types outside of `TRUSTED` and skops' own list are refused. Raises `ModelDamaged`."""
    from skops import io as skops_io

    try:
        with zipfile.ZipFile(path) as archive:
            return skops_io.loads(archive.read(PIPELINE), trusted=list(TRUSTED))
    except Exception as error:
        raise ModelDamaged(f"The pipeline in {path.name} cannot be read safely ({error}); {_ADVICE}.") from error


@contextmanager
def _read(path: Path, failing: str) -> Iterator[zipfile.ZipFile]:
    """The open file; whatever goes wrong with it is a `ModelDamaged`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (OSError, ValueError, KeyError, TypeError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise ModelDamaged(f"The file {path.name} {failing} ({said}); {_ADVICE}.") from error


def _manifest(model: TrainedModel) -> _Manifest:
    return _Manifest(
        format=FORMAT,
        candidate=model.candidate,
        target=model.plan.target,
        task=model.plan.task,
        labels=model.labels,
        inputs=model.inputs,
        record=model.record,
        scores=model.scores,
        rows=model.rows,
        check_rows=model.check_rows,
        check_outputs=model.check_outputs,
    )


def _manifest_of(document: Any) -> _Manifest:
    if isinstance(document, dict) and document.get("format") == _FIRST_FORMAT:
        scores = {"metrics": document["metrics"], "intervals": {}, "baseline": document["baseline"], "verdict": "", "is_better": True}
        document = {**document, "record": None, "scores": scores}
    elif document["format"] != FORMAT:
        raise ValueError(f"it has the format {document['format']}, this program reads {FORMAT}")
    return _MANIFEST.validate_python(document)


def _checked(manifest: _Manifest) -> _Manifest:
    if not all(math.isfinite(value) for value in manifest.scores.metrics.values()):
        raise ValueError("its metrics are not finite")
    threshold = None if manifest.record is None else manifest.record.threshold
    if threshold is not None and (len(manifest.labels) != 2 or threshold.label not in manifest.labels):
        raise ValueError("its threshold is for a label that it does not have")
    bands = None if manifest.record is None else manifest.record.bands
    if bands is not None and not len(bands.low) == len(bands.high) == len(bands.edges) + 1:
        raise ValueError("its intervals do not fit together")
    return manifest


def _arrays(content: bytes) -> Arrays:
    with np.load(io.BytesIO(content), allow_pickle=False) as members:
        return {name: members[name] for name in members.files}
