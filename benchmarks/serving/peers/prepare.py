"""The pipeline in the form that each peer serves: `prepare.py FOLDER`, with `model.skops` in the folder; run by the peers' Python."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import mlflow.sklearn
from skops.io import load

# What the file holds beyond skops' own list.
TRUSTED = [
    "collections.OrderedDict",
    "collections.defaultdict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "numpy.dtype",
    "parts.Blend",
]


def main(folder: Path) -> None:
    blend = load(folder / "model.skops", trusted=TRUSTED)
    (pipeline,) = blend.members
    joblib.dump(pipeline, folder / "model.joblib")
    mlflow.sklearn.save_model(pipeline, folder / "mlflow", pyfunc_predict_fn="predict_proba", serialization_format="cloudpickle")
    (folder / "mlserver").mkdir()
    settings = {
        "name": "reference",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(folder / "model.joblib"), "version": "1"},
    }
    (folder / "mlserver" / "model-settings.json").write_text(json.dumps(settings))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
