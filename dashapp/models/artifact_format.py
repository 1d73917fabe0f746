"""What is inside an artifact: one zip file with three members, none of which can run code when it is read.

model.json      what is known of the model: task, labels, inputs, metrics, rows to check its answers with
pipeline.skops  the fitted scikit-learn pipeline, read with an explicit list of types only
compiled.npz    the same model as plain arrays (where it could be compiled), which is what serves
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.errors import ModelDamaged
from dashapp.training.run import InputColumn, TrainedModel

Arrays = Mapping[str, NDArray[Any]]

MANIFEST, PIPELINE, COMPILED = "model.json", "pipeline.skops", "compiled.npz"
FORMAT = 1
_ADVICE = "train it again or use another version"

# What the pipelines of `training.candidates` hold beyond skops' own list. Never replace this by `get_untrusted_types`. The two kinds of
# trees hold node numbers that scikit-learn follows without looking, which is why a registry checks the file's hash before this.
TRUSTED = (
    "dashapp.training.features.DateParts",
    "functools.partial",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """An artifact that was read. `check_outputs` is `[n, outputs]`; `compiled` is None where only the pipeline can answer."""

    path: Path
    candidate: str
    target: str
    task: Task
    labels: tuple[str, ...]
    inputs: tuple[InputColumn, ...]
    metrics: Mapping[str, float]
    baseline: Mapping[str, float]
    parameters: Mapping[str, Any]
    rows: Mapping[str, int]
    check_rows: tuple[Mapping[str, Any], ...]
    check_outputs: NDArray[np.float64]
    compiled: Arrays | None

    def pipeline(self) -> Any:
        """The scikit-learn pipeline, read now. Raises `ModelDamaged`, also for a type that is not on the list."""
        return load_pipeline(self.path)


def dump(model: TrainedModel, path: Path, compiled: Arrays | None = None) -> None:
    """Write the artifact to `path` (its folder exists). `compiled` comes from `serving.predictor.compile_arrays`."""
    from skops import io as skops_io

    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, json.dumps(_manifest(model), ensure_ascii=False, allow_nan=False))
        archive.writestr(PIPELINE, skops_io.dumps(model.pipeline), zipfile.ZIP_DEFLATED, compresslevel=1)
        if compiled is not None:
            with archive.open(COMPILED, "w") as member:
                np.savez(member, allow_pickle=False, **dict(compiled))


def load(path: Path) -> StoredModel:
    """Read all but the pipeline. Raises `ModelDamaged`."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            compiled = _arrays(archive.read(COMPILED)) if COMPILED in archive.namelist() else None
        return _stored(path, manifest, compiled)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelDamaged(f"The file {path.name} is not a model that can be read ({error}); {_ADVICE}.") from error


def load_pipeline(path: Path) -> Any:
    """The fitted pipeline; types outside of `TRUSTED` and skops' own list are refused. Raises `ModelDamaged`."""
    from skops import io as skops_io

    try:
        with zipfile.ZipFile(path) as archive:
            return skops_io.loads(archive.read(PIPELINE), trusted=list(TRUSTED))
    except Exception as error:
        raise ModelDamaged(f"The pipeline in {path.name} cannot be read safely ({error}); {_ADVICE}.") from error


def _manifest(model: TrainedModel) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "candidate": model.candidate,
        "target": model.plan.target,
        "task": model.plan.task.value,
        "labels": model.labels,
        "inputs": [asdict(column) for column in model.inputs],
        "metrics": dict(model.metrics),
        "baseline": dict(model.baseline),
        "parameters": dict(model.parameters),
        "rows": dict(model.rows),
        "check_rows": model.check_rows,
        "check_outputs": model.check_outputs,
    }


def _stored(path: Path, manifest: Any, compiled: Arrays | None) -> StoredModel:
    if manifest["format"] != FORMAT:
        raise ValueError(f"it has the format {manifest['format']}, this program reads {FORMAT}")
    outputs = np.asarray(manifest["check_outputs"], dtype=np.float64)
    if not all(math.isfinite(value) for value in manifest["metrics"].values()):
        raise ValueError("its metrics are not finite")
    return StoredModel(
        path=path,
        candidate=manifest["candidate"],
        target=manifest["target"],
        task=Task(manifest["task"]),
        labels=tuple(manifest["labels"]),
        inputs=tuple(_input_column(column) for column in manifest["inputs"]),
        metrics=manifest["metrics"],
        baseline=manifest["baseline"],
        parameters=manifest["parameters"],
        rows=manifest["rows"],
        check_rows=tuple(manifest["check_rows"]),
        check_outputs=outputs.reshape(len(manifest["check_rows"]), -1),
        compiled=compiled,
    )


def _input_column(column: dict[str, Any]) -> InputColumn:
    lists = {"labels": tuple(column["labels"]), "missing_as": tuple(column.get("missing_as", ()))}
    return InputColumn(**{**column, "kind": ColumnKind(column["kind"]), **lists})


def _arrays(content: bytes) -> Arrays:
    with np.load(io.BytesIO(content), allow_pickle=False) as members:
        return {name: members[name] for name in members.files}
